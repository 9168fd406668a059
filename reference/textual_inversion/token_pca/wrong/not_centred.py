"""The rows are not centred before the axes are looked for.

If all rows lie far from 0 in one direction, the first axis points there. It shows what the rows have in common, with a
share near 1, and what they differ by is squeezed into the second. Take the mean away first.
"""

from typing import Any

import torch

CAUGHT_BY = "test_no_other_axes_show_more"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes from 0 instead of from the middle of the rows."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
