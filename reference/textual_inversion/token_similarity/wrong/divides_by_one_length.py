"""The dot product is divided by one of the two lengths only.

What comes out is how far one vector reaches along the other. It depends on the length that was left, and swapping the
two gives another number. Divide by both lengths.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_every_pair_has_its_cosine"


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return a . b / |a|."""
    rows = table[ids]
    return F.normalize(rows, dim=1) @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the largest similarities."""
    return F.cosine_similarity(table, vector[None]).topk(k).indices.tolist()
