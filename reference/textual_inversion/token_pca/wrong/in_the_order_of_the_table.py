"""The coordinates come in the order of the table, not in that of ids.

A mask over the table, or sorted ids, loses the order. Row i must belong to ids[i], or the words in the picture get the
wrong names.
"""

from typing import Any

import torch

CAUGHT_BY = "test_coordinates_belong_to_the_axes"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return coordinates of sorted ids."""
    rows = table[sorted(ids)]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
