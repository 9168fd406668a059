"""Rows and columns are swapped.

A box counts columns first: left, top, right, bottom. A tensor counts rows first: mask[..., row, column]. With the two
exchanged, the box is mirrored along the diagonal, and a square box on the diagonal hides the mistake.
"""

import torch

CAUGHT_BY = "test_tight_box_is_filled"


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return a box on its side."""
    left, top, right, bottom = box
    rows = slice(max(top - padding, 0), max(bottom + padding, 0))
    columns = slice(max(left - padding, 0), max(right + padding, 0))
    mask = torch.zeros(1, 1, height, width)
    mask[:, :, columns, rows] = 1.0
    return mask
