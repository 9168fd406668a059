"""Recovers alpha_t as a ratio of neighbouring alpha-bars, as schedulers do."""

import torch


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return x_{t-1} from the cumulative products alone."""
    alphas_cumprod = torch.cat([torch.ones(1), torch.cumprod(1 - betas, dim=0)])
    alpha_bar = alphas_cumprod[timestep + 1]
    alpha = alpha_bar / alphas_cumprod[timestep]
    coefficient = (1 - alpha) / torch.sqrt(1 - alpha_bar)
    noise = torch.sqrt(1 - alpha) * z * (timestep > 0)
    return ((x_t - coefficient * noise_pred) / torch.sqrt(alpha) + noise).to(x_t.dtype)
