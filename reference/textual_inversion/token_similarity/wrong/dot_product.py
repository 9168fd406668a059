"""The plain dot product is taken for the similarity.

A dot product grows with the length of both vectors, so the longest rows of the table look similar to everything. Divide
by both lengths.
"""

import torch

CAUGHT_BY = "test_every_row_is_like_itself"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the dot products."""
    rows = table[ids]
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the largest dot products."""
    return (table @ vector).topk(k).indices.tolist()
