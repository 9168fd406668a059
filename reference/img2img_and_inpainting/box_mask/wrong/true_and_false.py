"""The mask holds True and False instead of 1.0 and 0.0.

Comparisons give booleans. They cannot be soft, and 1 - mask is an error for them. Convert with .float().
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a mask of booleans."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.zeros(1, 1, height, width, dtype=torch.bool)
    mask[:, :, rows, columns] = True
    return mask
