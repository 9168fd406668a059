"""Goes along the noise level sigma = sqrt(1/alpha-bar - 1), as an Euler step."""

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap as a straight line in x / sqrt(alpha-bar)."""
    now = alphas_cumprod[timestep]
    then = alphas_cumprod[prev_timestep] if prev_timestep > -1 else torch.tensor(1.0)
    sigma_now, sigma_then = ((1 - now) / now) ** 0.5, ((1 - then) / then) ** 0.5
    return (x_t / now**0.5 + (sigma_then - sigma_now) * noise_pred) * then**0.5
