"""The box is read as left, top, width, height.

Some tools give a box by its corner and its size. Here the last two numbers are positions: the first column and row
after the box.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a box that is too large."""
    left, top, box_width, box_height = box
    rows = slice(max(top - padding, 0), max(top + box_height + padding, 0))
    columns = slice(max(left - padding, 0), max(left + box_width + padding, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
