"""The axes are those of the whole table.

They show best what *all* words differ by. The question is about some of them: ask only their rows.
"""

from typing import Any

import torch

CAUGHT_BY = "test_no_other_axes_show_more"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes that belong to all rows."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(table - table.mean(dim=0), full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
