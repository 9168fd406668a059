"""The two axes are in the wrong order.

The last two columns of `eigh` are the right ones, but the very last belongs to the largest eigenvalue.
"""

from typing import Any

import torch

CAUGHT_BY = "test_no_other_axes_show_more"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return the second axis before the first."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -2:].T
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
