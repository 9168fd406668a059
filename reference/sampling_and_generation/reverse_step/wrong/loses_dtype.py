"""The result is float32, whatever dtype x_t has.

Somewhere the numbers pass through `.float()` or a tensor made without `dtype=`, and a float64 input
comes back as float32. Sixteen digits go in and seven come out, and the next operation may complain about
mixed dtypes. Make new tensors with the dtype of x_t.
"""

import torch

CAUGHT_BY = "test_keeps_shape_and_dtype"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step in single precision."""
    beta = betas[timestep]
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    step = mean + torch.sqrt(beta) * z if timestep > 0 else mean
    return step.float()
