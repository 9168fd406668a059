"""The mean is that of the whole table.

The other rows lie elsewhere, and so does their mean. What is left of it in the rows that are shown is common to all of
them, and PCA takes it for the most important difference.
"""

from typing import Any

import torch

CAUGHT_BY = "test_mean_is_that_of_the_rows_shown"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes from the middle of the table."""
    rows = table[ids]
    mean = table.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
