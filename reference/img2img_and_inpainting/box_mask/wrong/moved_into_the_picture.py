"""A box outside is moved into the picture.

Cutting off is not moving: what lies outside is removed. If the numbers are clamped so that at least one row and column
is left, a box beside the picture paints a strip along the border.
"""

import torch

CAUGHT_BY = "test_box_outside_gives_zeros"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return at least one pixel."""
    left, top, right, bottom = box
    top, left = min(max(top - padding, 0), height - 1), min(max(left - padding, 0), width - 1)
    bottom, right = max(min(bottom + padding, height), top + 1), max(min(right + padding, width), left + 1)
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, top:bottom, left:right] = 1.0
    return mask
