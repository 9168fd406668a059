"""The padding is added to right and bottom only.

Growing moves all four sides outwards: left and top get smaller. Grown on two sides only, the object that is to
disappear sits at the edge of its mask, and its shadow stays in the picture.
"""

import torch

CAUGHT_BY = "test_padding_grows_all_four_sides"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a box that grows one way."""
    left, top, right, bottom = box
    rows = slice(max(top, 0), max(bottom + padding, 0))
    columns = slice(max(left, 0), max(right + padding, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
