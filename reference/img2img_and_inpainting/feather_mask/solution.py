"""A soft edge by averaging over a window, the edge replicated."""

import torch
from torch.nn.functional import avg_pool2d, pad


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean over (2 * radius + 1) x (2 * radius + 1) places."""
    # step: Make the mask wider on all four sides, so that the window never leaves it. Repeat the edge.
    # blank: wider = pad(mask, ____, mode=____)
    wider = pad(mask, (radius, radius, radius, radius), mode="replicate")
    # step: Average over the window around each place.
    # blank: return avg_pool2d(wider, kernel_size=____, stride=____)
    return avg_pool2d(wider, kernel_size=2 * radius + 1, stride=1)
