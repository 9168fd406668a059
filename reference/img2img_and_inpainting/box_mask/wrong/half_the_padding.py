"""The padding is shared between opposite sides.

The box grows by padding on *each* side, so it becomes 2 * padding wider and higher. With half of it on each side the
margin is only half as wide.
"""

import torch

CAUGHT_BY = "test_padding_grows_all_four_sides"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a box wider by padding in all."""
    left, top, right, bottom = box
    before, after = padding // 2, padding - padding // 2
    rows = slice(max(top - before, 0), max(bottom + after, 0))
    columns = slice(max(left - before, 0), max(right + after, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, rows, columns] = 1.0
    return mask
