"""Lays the windows out as columns and averages them."""

import torch
from torch.nn.functional import pad, unfold


def feather_mask(mask: torch.Tensor, radius: int) -> torch.Tensor:
    """Return the mean of the columns of unfold."""
    size = 2 * radius + 1
    windows = unfold(pad(mask, (radius,) * 4, mode="replicate"), kernel_size=size)
    return windows.mean(dim=1).reshape(mask.shape)
