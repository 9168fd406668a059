"""The weights of the batch are lined up with channels, rows or columns of the pictures.

Broadcasting lines up the *last* dimensions: weights [B] meet the width of [B, C, H, W], weights [B, 1] its height,
weights [B, 1, 1] its channels, and none of them meets the batch. Where the sizes differ, that is an error. If they
happen to agree, or B is 1, there is no error, and every column gets the noise of a different timestep. Give the
weights the shape [B, 1, 1, 1].
"""

import torch

CAUGHT_BY = "test_every_picture_has_its_own_timestep"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures with a weight for each column."""
    alpha_bar = alphas_cumprod[timesteps]
    return torch.sqrt(alpha_bar) * x_0 + torch.sqrt(1 - alpha_bar) * noise
