"""The shares are those of the singular values, not of their squares.

A sum of squares is what can be shared out: those of all axes add up to the whole. The roots do not.
"""

from typing import Any

import torch

CAUGHT_BY = "test_shares_belong_to_the_coordinates"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return shares of spreads instead of variances."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    values = torch.linalg.svdvals(centred)
    shares = (values / values.sum())[:2]
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
