"""Works in place on copies and returns a list."""

import torch


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return [start, remaining]."""
    running = int(len(timesteps) * strength)
    remaining = timesteps[-running:].clone() if running else timesteps.new_empty(0)
    if strength == 0 or running == 0:
        return [z_0.clone(), remaining]
    if strength == 1:
        return [noise.clone(), remaining]
    alpha_bar = alphas_cumprod[remaining[0].item()].item()
    z_start = z_0.clone()
    z_start.mul_(alpha_bar**0.5).add_(noise, alpha=(1 - alpha_bar) ** 0.5)
    return [z_start, remaining]
