"""Goes through NumPy and back."""

import numpy as np
import torch


def interpolate_latents(z_a: torch.Tensor, z_b: torch.Tensor, weight: float) -> torch.Tensor:
    """Return the point, computed by NumPy."""
    first, second = z_a.numpy(), z_b.numpy()
    return torch.from_numpy(np.asarray((1 - weight) * first + weight * second, dtype=first.dtype))
