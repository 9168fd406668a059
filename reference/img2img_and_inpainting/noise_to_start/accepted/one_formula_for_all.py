"""Appends alpha-bar 1 for the clean picture, sets it to 0 at strength 1, and needs no cases."""

import torch


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the start by one formula for all strengths."""
    n = len(timesteps)
    start = n - min(int(n * strength), n)
    alpha_bars = torch.cat([alphas_cumprod[timesteps], torch.ones(1, dtype=alphas_cumprod.dtype)])
    weight = alpha_bars[start] if strength < 1.0 else torch.zeros_like(alpha_bars[0])
    return z_0 * weight**0.5 + noise * (1 - weight) ** 0.5, timesteps[start:]
