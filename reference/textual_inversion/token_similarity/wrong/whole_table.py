"""The similarities of all rows are returned, and ids are ignored.

The result is [n, n] for the n ids that were asked for. For CLIP's table, [V, V] would be ten gigabytes.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_worked_examples"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the similarities of every row to every row."""
    rows = F.normalize(table, dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the largest similarities."""
    return F.cosine_similarity(table, vector[None]).topk(k).indices.tolist()
