"""The result is float32, whatever the table is.

A table in double precision must give similarities in double precision: keep the dtype of the input.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_keeps_dtype"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the similarities in single precision."""
    rows = F.normalize(table[ids].float(), dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the largest similarities."""
    return F.cosine_similarity(table, vector[None]).topk(k).indices.tolist()
