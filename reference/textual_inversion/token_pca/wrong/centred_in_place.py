"""The mean is taken away from the table itself.

A table that is written into is another table: every prompt changes. Work on a copy of the rows.
"""

from typing import Any

import torch

CAUGHT_BY = "test_leaves_the_table_alone"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return the right results of a table that is spoilt."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    table[ids] -= mean
    centred = table[ids]
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
