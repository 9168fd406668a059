"""The coefficients are reshaped for pictures [B, C, H, W] only.

Reshaping a coefficient to [1, 1, 1, 1] makes every result at least four-dimensional: [3] becomes [1, 1,
1, 3]. Here the timestep is one int and every coefficient a single number, which broadcasts over any
shape by itself. The reshape belongs to training, where each picture of a batch has a timestep of its
own.
"""

import torch

CAUGHT_BY = "test_keeps_shape_and_dtype"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with four-dimensional coefficients."""
    beta = betas[timestep].view(1, 1, 1, 1)
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
