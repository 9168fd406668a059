"""The list begins with the least similar rows.

argsort sorts upwards, which is right for distances and wrong for similarities: the largest similarity is the nearest.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_nearest_are_the_most_similar"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the similarities."""
    rows = F.normalize(table[ids], dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids in rising order of similarity."""
    return F.cosine_similarity(table, vector[None]).argsort()[:k].tolist()
