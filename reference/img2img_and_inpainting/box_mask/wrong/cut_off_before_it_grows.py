"""The box is cut off first and grows afterwards.

If the box lies outside, cutting it off first leaves an empty box at the border, and that box then grows into the
picture. Grow the box where it is, and cut off what reaches over the border at the end.
"""

import torch

CAUGHT_BY = "test_box_outside_may_grow_into_the_picture"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return the box, cut, then grown."""
    left, top, right, bottom = box
    left, right = (min(max(column, 0), width) for column in (left, right))
    top, bottom = (min(max(row, 0), height) for row in (top, bottom))
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
