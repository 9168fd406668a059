"""The axes are as long as the words are spread along them.

That is how some programs draw them, as arrows of different lengths. Here an axis is a direction: its length is 1, so
that a dot product with it says how far along it a word lies.
"""

from typing import Any

import torch

CAUGHT_BY = "test_axes_are_at_a_right_angle"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes that are not of length 1."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - mean
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {
        "mean": mean,
        "axes": axes * coordinates.norm(dim=0)[:, None],
        "coordinates": coordinates,
        "shares": shares.tolist(),
    }
