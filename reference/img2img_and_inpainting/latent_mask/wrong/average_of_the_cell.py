"""The average of each cell is returned.

The average says which share of a cell is to be repainted, but it does not decide. The statement asks for 0 or 1, as the
top-left pixel says.
"""

import torch
from torch.nn.functional import avg_pool2d

CAUGHT_BY = "test_top_left_pixel_decides"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return how much of each cell is covered."""
    return avg_pool2d(mask, scale_factor)
