"""alpha_t is used instead of alpha-bar_t.

alpha_t, the ratio of two neighbouring alpha-bars, says what the single step t leaves of the picture. x_t has been
through all the steps from 0 to t, and alpha-bar_t, their product, is what they have left together. With alpha_t every
timestep is almost as clean as the first.
"""

import torch

CAUGHT_BY = "test_other_entries_do_not_matter"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures with the noise of one step."""
    before = torch.cat([torch.ones_like(alphas_cumprod[:1]), alphas_cumprod[:-1]])
    alpha = (alphas_cumprod / before)[timesteps].view(-1, 1, 1, 1)
    return torch.sqrt(alpha) * x_0 + torch.sqrt(1 - alpha) * noise
