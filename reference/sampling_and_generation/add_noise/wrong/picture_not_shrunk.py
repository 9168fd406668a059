"""The noise is added, and the picture keeps its full weight.

The forward process does two things: it shrinks the picture by sqrt(alpha-bar) and adds noise. Without the shrinking the
variance grows with every timestep, and the end of the schedule is picture plus noise instead of noise alone. (Some
models are trained like this; all their formulas are different.)
"""

import torch

CAUGHT_BY = "test_unit_variance_stays"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures plus noise."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    return x_0 + torch.sqrt(1 - alpha_bar) * noise
