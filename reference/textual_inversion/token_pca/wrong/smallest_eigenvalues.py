"""The axes are those with the smallest eigenvalues.

`eigh` sorts its eigenvalues from the smallest up. The principal axes are the last columns, not the first.
"""

from typing import Any

import torch

CAUGHT_BY = "test_no_other_axes_show_more"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return the axes along which least happens."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, :2].T
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
