"""The coordinates are divided by their spread.

That is called whitening: both axes then look equally important, and distances between words are no longer those of the
table. Coordinates are plain dot products.
"""

from typing import Any

import torch

CAUGHT_BY = "test_coordinates_belong_to_the_axes"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return coordinates of spread 1."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {
        "mean": mean,
        "axes": axes,
        "coordinates": coordinates / coordinates.square().sum(dim=0).sqrt(),
        "shares": shares.tolist(),
    }
