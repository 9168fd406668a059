"""Computes the weights of both in float32, whatever dtype the latents have."""

import torch


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the start with weights of seven digits."""
    alpha_bars = alphas_cumprod.to(torch.float32)
    t_start = len(timesteps) - min(int(len(timesteps) * strength), len(timesteps))
    remaining = timesteps[t_start:]
    if strength == 1.0:
        return noise, remaining
    if not len(remaining):
        return z_0, remaining
    t = remaining[:1].expand(z_0.shape[0])
    signal = alpha_bars[t].sqrt().view(-1, 1, 1, 1)
    spread = (1.0 - alpha_bars[t]).sqrt().view(-1, 1, 1, 1)
    return (signal * z_0 + spread * noise).to(z_0.dtype), remaining
