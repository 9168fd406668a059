"""The nearest rows are those at the smallest distance, whatever their direction.

The ends of two vectors may be close because both are short, and far apart because one is long. What counts here is the
angle: sort by cosine similarity.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_nearest_are_the_most_similar"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the similarities."""
    rows = F.normalize(table[ids], dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the smallest distances."""
    return torch.cdist(vector[None], table)[0].argsort()[:k].tolist()
