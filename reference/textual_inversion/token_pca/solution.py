"""The singular vectors of the centred rows are their principal axes."""

from typing import Any

import torch


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return the first two principal axes of some rows, and the rows along them."""
    rows = table[ids]
    # step: Take the mean of the rows away.
    mean = rows.mean(dim=0)
    # blank: centred = ____
    centred = rows - mean
    # step: Find the two axes along which the centred rows differ most.
    # blank: axes = ____
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    # step: Say where each row lies along them, and how much of all differences each axis shows.
    # blank: coordinates = ____
    coordinates = centred @ axes.T
    # blank: shares = ____
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
