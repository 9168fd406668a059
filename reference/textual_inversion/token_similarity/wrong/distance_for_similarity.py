"""The distance between the points is used instead of the similarity of the directions.

Two rows that point the same way are as similar as can be, however far apart their ends are. A distance is 0 where a
similarity is 1, and it depends on the lengths.
"""

import torch

CAUGHT_BY = "test_every_pair_has_its_cosine"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the distances."""
    rows = table[ids]
    return torch.cdist(rows, rows)


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the smallest distances."""
    return (table - vector).norm(dim=1).topk(k, largest=False).indices.tolist()
