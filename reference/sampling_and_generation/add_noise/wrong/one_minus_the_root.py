"""The noise is weighted by 1 - sqrt(alpha-bar): the 1 is outside the root.

The two weights are no shares that add up to 1; their *squares* do. So the weight of the noise is sqrt(1 - alpha-bar).
At alpha-bar 0.64 that is 0.6, and with the root taken first only 0.2.
"""

import torch

CAUGHT_BY = "test_unit_variance_stays"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures with weights that add up to 1."""
    root = torch.sqrt(alphas_cumprod[timesteps]).view(-1, 1, 1, 1)
    return root * x_0 + (1 - root) * noise
