"""The predicted noise is added instead of subtracted.

noise_pred is the noise that the model sees in x_t, and the step is to remove some of it. With a plus the
picture becomes noisier at every step. Look at the sign in front of beta_t / sqrt(1 - alpha-bar_t).
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with the opposite sign."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t + beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
