"""The nearest rows are looked for by dot product.

Dividing by the length of the vector alone changes no order. A row that is ten times as long as the others then is the
nearest to almost everything: each row has to be divided by its own length.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_nearest_are_the_most_similar"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the dot products of the rows, each divided by its length."""
    rows = F.normalize(table[ids], dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the k largest dot products with the vector, made of length 1."""
    return (table @ (vector / vector.norm())).topk(k).indices.tolist()
