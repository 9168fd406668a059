"""The border is padded with zeros.

Zeros outside pull the mean down along the border, as if everything around the picture were to be kept. A mask that
reaches the border fades out towards it, and a strip of the old picture stays there. avg_pool2d pads with zeros by
itself; replicate the edge first.
"""

import torch
from torch.nn.functional import avg_pool2d

CAUGHT_BY = "test_even_mask_stays_even"


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean with zeros outside."""
    return avg_pool2d(mask, kernel_size=2 * radius + 1, stride=1, padding=radius)
