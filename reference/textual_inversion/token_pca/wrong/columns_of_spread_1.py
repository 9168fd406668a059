"""Every column is divided by its spread first.

For measurements in different units, such as metres and years, that is right. The numbers of an embedding have one unit,
and a column that hardly changes is blown up to count as much as the others.
"""

from typing import Any

import torch

CAUGHT_BY = "test_no_other_axes_show_more"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes of standardised columns."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = (rows - mean) / rows.std(dim=0).clamp(min=1e-6)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
