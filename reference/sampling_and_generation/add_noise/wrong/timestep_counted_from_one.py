"""The timestep is taken to start at 1: the alpha-bar one entry earlier is read.

Papers count the steps from 1, code counts from 0. A timestep here is an index into alphas_cumprod as it stands.
One less leads to the entry before, and at timestep 0 to index -1, the *last* entry: the least noisy pictures
become the noisiest.
"""

import torch

CAUGHT_BY = "test_both_ends_of_a_long_schedule"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures at the timestep before."""
    alpha_bar = alphas_cumprod[timesteps - 1].view(-1, 1, 1, 1)
    return torch.sqrt(alpha_bar) * x_0 + torch.sqrt(1 - alpha_bar) * noise
