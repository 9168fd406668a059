"""Left and top are kept from going below 0, right or bottom is not.

If a box lies wholly above or left of the picture, its end is negative as well, and a negative end of a slice counts
from the end of the picture: mask[0:-2] is nearly everything. Keep all four numbers at 0 or above.
"""

import torch

CAUGHT_BY = "test_box_outside_gives_zeros"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a slice that may end with a negative number."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), bottom + padding)
    columns = slice(max(left - padding, 0), right + padding)
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
