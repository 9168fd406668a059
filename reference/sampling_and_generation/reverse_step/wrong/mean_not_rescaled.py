"""The mean is not divided by sqrt(alpha_t).

On the way forward every step shrinks the picture by sqrt(alpha_t) before it adds noise. The way back
must undo both: take the noise away and stretch the picture again. Without the stretch each step leaves
it a little too small, and over a thousand steps it fades to nothing.
"""

import torch

CAUGHT_BY = "test_picture_without_noise_goes_one_timestep_back"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step without its scale."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
