"""Masks of ones in a rectangle, for boxes on pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from exercises.img2img_and_inpainting.checks._masks import Box


def spans(box: Box) -> tuple[range, range]:
    """Return the rows and the columns of the grown box that lie in the picture."""
    left, top, right, bottom = box.box
    rows = range(max(top - box.padding, 0), min(bottom + box.padding, box.height))
    columns = range(max(left - box.padding, 0), min(right + box.padding, box.width))
    return rows, columns


def rectangle(height: int, width: int, rows: range, columns: range) -> torch.Tensor:
    """Return a mask `[1, 1, height, width]` (float32) that is 1 where a row and a column of the given ones meet."""
    mask = torch.zeros(1, 1, height, width)
    for row in rows:
        for column in columns:
            mask[0, 0, row, column] = 1.0
    return mask
