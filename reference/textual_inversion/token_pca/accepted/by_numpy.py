"""NumPy's singular value decomposition: coordinates from U and S, shares from S alone."""

from typing import Any

import numpy as np
import torch


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return the results, converted back at the end."""
    rows = table.numpy()[np.array(ids)]
    mean = rows.mean(axis=0, dtype=rows.dtype)
    u, s, vh = np.linalg.svd(rows - mean, full_matrices=True)
    coordinates = -u[:, :2] * s[:2]
    return {
        "mean": torch.from_numpy(mean),
        "axes": torch.from_numpy(-vh[:2].copy()),
        "coordinates": torch.from_numpy(np.ascontiguousarray(coordinates)),
        "shares": tuple(s[:2] ** 2 / np.sum(s**2)),
    }
