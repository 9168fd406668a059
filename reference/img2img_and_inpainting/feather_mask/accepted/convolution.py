"""Convolves with a kernel of equal weights that add up to 1."""

import torch
from torch.nn.functional import conv2d, pad


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return a convolution over the replicated mask."""
    size = 2 * radius + 1
    kernel = torch.ones(1, 1, size, size, dtype=mask.dtype) / size**2
    return conv2d(pad(mask, [radius] * 4, mode="replicate"), kernel)
