"""The mask is 255 in the box, not 1.

255 is white in a picture of bytes. In the formulas the mask is a share: 1 is all of the new picture, and 255 would
be 255 times all of it.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a mask of bytes, as floats."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 255.0
    return mask
