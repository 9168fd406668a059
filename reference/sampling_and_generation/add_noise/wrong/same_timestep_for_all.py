"""The first picture's timestep is used for the whole batch.

In training every picture of a batch has a timestep of its own, so that one step teaches the model about several
noise levels. With the first one for all, the model is told timesteps that its inputs do not have.
"""

import torch

CAUGHT_BY = "test_every_picture_has_its_own_timestep"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures at one timestep."""
    alpha_bar = alphas_cumprod[timesteps[0]]
    return torch.sqrt(alpha_bar) * x_0 + torch.sqrt(1 - alpha_bar) * noise
