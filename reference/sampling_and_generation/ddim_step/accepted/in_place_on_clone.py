"""Works in place, on a copy."""

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap, built in a copy of x_t."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    result = x_t.clone()
    result.sub_(noise_pred * (1 - alpha_bar).sqrt()).div_(alpha_bar.sqrt())
    result.mul_(alpha_bar_prev.sqrt())
    result += (1 - alpha_bar_prev).sqrt() * noise_pred
    return result
