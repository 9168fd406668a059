"""Every row is brought to length 1 first.

For cosines that is right. Here the rows themselves are to be shown, with their lengths.
"""

from typing import Any

import torch

CAUGHT_BY = "test_mean_is_that_of_the_rows_shown"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes of directions."""
    rows = table[ids] / table[ids].norm(dim=1, keepdim=True)
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
