"""The right column and the bottom row are included.

As in PIL and in Python's slices, right and bottom are the first column and row that are not in the box: the width is
right - left. If they are included, the mask is one column too wide and one row too high.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a box with its end."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + 1 + padding, 0))
    columns = slice(max(left - padding, 0), max(right + 1 + padding, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
