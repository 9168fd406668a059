"""All pixels of a cell have a say: their mean, or most of them, decide.

That is a sensible rule, but the pipelines use another one: they look at the top-left pixel only. Along the edge of a
mask the two differ by a cell.
"""

import torch
from torch.nn.functional import avg_pool2d

CAUGHT_BY = "test_other_pixels_have_no_effect"


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return where at least half of a cell is covered."""
    return (avg_pool2d(mask, scale_factor) >= 0.5).to(mask.dtype)
