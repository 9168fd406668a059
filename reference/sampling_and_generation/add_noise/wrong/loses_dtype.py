"""The result is float32, whatever dtype x_0 has.

Somewhere the numbers pass through `.float()` or a tensor made without `dtype=`, and float64 pictures come back
as float32. Make new tensors with the dtype of x_0.
"""

import torch

CAUGHT_BY = "test_keeps_dtype_and_leaves_inputs_alone"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures in single precision."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    return (torch.sqrt(alpha_bar) * x_0 + torch.sqrt(1 - alpha_bar) * noise).float()
