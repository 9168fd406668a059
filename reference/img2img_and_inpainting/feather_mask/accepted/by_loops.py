"""Loops over every place and every place of its window."""

import torch


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mask, place by place."""
    height, width = mask.shape[-2:]
    result = torch.zeros_like(mask)
    for y in range(height):
        rows = [min(max(y + k, 0), height - 1) for k in range(-radius, radius + 1)]
        for x in range(width):
            columns = [min(max(x + k, 0), width - 1) for k in range(-radius, radius + 1)]
            result[0, 0, y, x] = mask[0, 0][rows][:, columns].mean()
    return result
