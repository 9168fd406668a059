"""Compares rows and columns with the ends of the box."""

import torch


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return where row and column are both inside."""
    x0, y0, x1, y1 = box
    row = torch.arange(height).view(1, 1, -1, 1)
    column = torch.arange(width).view(1, 1, 1, -1)
    inside = (row >= y0 - padding) & (row < y1 + padding) & (column >= x0 - padding) & (column < x1 + padding)
    return inside.float()
