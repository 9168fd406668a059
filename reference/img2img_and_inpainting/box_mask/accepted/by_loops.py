"""Asks of every pixel whether it is inside."""

import torch


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return the mask, pixel by pixel."""
    left, top, right, bottom = box
    mask = torch.zeros(1, 1, height, width)
    for y in range(height):
        for x in range(width):
            if left - padding <= x < right + padding and top - padding <= y < bottom + padding:
                mask[0, 0, y, x] = 1
    return mask
