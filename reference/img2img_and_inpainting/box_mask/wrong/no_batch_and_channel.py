"""The two dimensions in front are missing.

A mask is [1, 1, height, width] everywhere in this lesson, like a batch of one picture with one channel, so that
it broadcasts over latents [B, C, h, w] and fits the functions that resize and blur.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a mask [height, width]."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.zeros(height, width)
    mask[rows, columns] = 1.0
    return mask
