"""The box is not cut off at the border.

A negative number in a slice counts from the *end*: mask[-1:3] starts at the last row. So a box that reaches over the
left or the upper border becomes an empty slice, or a strip at the wrong side. Keep the numbers at 0 or above. Beyond
the right and lower border slices end by themselves.
"""

import torch

CAUGHT_BY = "test_what_is_over_the_border_is_cut_off"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return whatever the slice makes of negative numbers."""
    left, top, right, bottom = box
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, top - padding : bottom + padding, left - padding : right + padding] = 1.0
    return mask
