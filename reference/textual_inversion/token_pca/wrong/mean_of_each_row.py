"""From every row its own mean is taken away.

That is the mean over the D numbers of one word. It makes no sense to average them: they are different directions.
What is needed is the mean of the words, number by number.
"""

from typing import Any

import torch

CAUGHT_BY = "test_coordinates_belong_to_the_axes"


def token_pca(table: torch.Tensor, ids: list[int]) -> dict[str, Any]:
    """Return axes of rows that each have mean 0."""
    rows = table[ids]
    mean = rows.mean(dim=0)
    centred = rows - rows.mean(dim=1, keepdim=True)
    axes = torch.linalg.svd(centred, full_matrices=False).Vh[:2]
    coordinates = centred @ axes.T
    shares = coordinates.square().sum(dim=0) / centred.square().sum()
    return {"mean": mean, "axes": axes, "coordinates": coordinates, "shares": shares.tolist()}
