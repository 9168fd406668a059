"""Fills a NumPy array and clips all four numbers on both sides."""

import numpy as np
import torch


def box_mask(height: int, width: int, box: tuple[int, int, int, int], padding: int = 0) -> torch.Tensor:
    """Return the mask by way of NumPy."""
    x = np.clip([box[0] - padding, box[2] + padding], 0, width)
    y = np.clip([box[1] - padding, box[3] + padding], 0, height)
    mask = np.zeros((1, 1, height, width), dtype=np.float32)
    mask[..., y[0] : y[1], x[0] : x[1]] = 1
    return torch.tensor(mask)
