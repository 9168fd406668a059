"""The second share is that of both axes together.

That is often plotted, as a rising curve. Asked for is the share of each axis by itself.
"""

from typing import Any

import torch

CAUGHT_BY = "test_shares_belong_to_the_coordinates"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return shares that were added up."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = (coordinates.square().sum(dim=0) / centred.square().sum()).cumsum(dim=0)
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
