"""The mask is inverted: 0 in the box and 1 around it.

In this course, as in the pipelines, 1 marks what is to be painted anew. Inverted, everything except the box is
repainted.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return zeros in the box."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.ones(1, 1, height, width)
    mask[:, :, rows, columns] = 0.0
    return mask
