"""Right and bottom are clamped to width - 1 and height - 1.

Those are the last column and row, and right and bottom are the first that are *not* in the box: they may be as large
as width and height. Clamped one lower, a box that reaches the border ends one pixel before it, and a thin line of the
old picture is left there.
"""

import torch

CAUGHT_BY = "test_what_is_over_the_border_is_cut_off"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a box that never reaches the right and lower border."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(min(bottom + padding, height - 1), 0))
    columns = slice(max(left - padding, 0), max(min(right + padding, width - 1), 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
