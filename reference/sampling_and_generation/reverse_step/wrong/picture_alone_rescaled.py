"""Only x_t is divided by sqrt(alpha_t), and not what is left of it without the noise.

The noise is taken away first, and the difference is stretched as a whole: brackets around it. Here the noise that is
taken away is not stretched, so a little of it stays at every step.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with a scale on x_t alone."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = x_t / torch.sqrt(1 - beta) - beta / torch.sqrt(1 - alpha_bar) * noise_pred
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
