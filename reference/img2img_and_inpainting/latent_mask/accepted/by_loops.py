"""Loops over the cells."""

import torch


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return the mask, cell by cell."""
    height, width = mask.shape[2] // scale_factor, mask.shape[3] // scale_factor
    result = mask.new_zeros(1, 1, height, width)
    for i in range(height):
        for j in range(width):
            if mask[0, 0, i * scale_factor, j * scale_factor].item() >= 0.5:
                result[0, 0, i, j] = 1.0
    return result
