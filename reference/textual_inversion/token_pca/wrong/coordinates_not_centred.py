"""The axes are those of the centred rows, but the coordinates are those of the rows as they are.

The picture is the right one, moved away from 0, and the shares are too large, since they count what all rows have in
common. Coordinates are measured from the mean.
"""

from typing import Any

import torch

CAUGHT_BY = "test_coordinates_belong_to_the_axes"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return coordinates from 0."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = rows @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
