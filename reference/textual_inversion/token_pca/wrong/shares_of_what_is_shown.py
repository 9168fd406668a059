"""The shares are those among the two axes, so they add up to 1.

Then nobody can see how much the picture leaves out. A share is meant of everything that the rows differ by, in all D
directions.
"""

from typing import Any

import torch

CAUGHT_BY = "test_shares_belong_to_the_coordinates"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return shares that always add up to 1."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / coordinates.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
