"""x_0 is changed in place.

Operations that end in an underscore, and `*=`, write into the tensor they are called on, and here that is the caller's
x_0. The returned numbers are right, but the clean pictures are gone, and later steps have nothing to compare with.
"""

import torch

CAUGHT_BY = "test_keeps_dtype_and_leaves_inputs_alone"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures, noised inside x_0."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    x_0 *= torch.sqrt(alpha_bar)
    x_0 += torch.sqrt(1 - alpha_bar) * noise
    return x_0
