"""The two weights are swapped: the picture has the noise's, and the noise the picture's.

alpha-bar says how much of the *picture* is left. It starts near 1 and falls; so must the picture's weight.
Swapped, timestep 0 is nearly pure noise. The squares still add up to 1, which is why the variance looks right.
"""

import torch

CAUGHT_BY = "test_both_ends_of_a_long_schedule"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures, noisiest at timestep 0."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    return torch.sqrt(1 - alpha_bar) * x_0 + torch.sqrt(alpha_bar) * noise
