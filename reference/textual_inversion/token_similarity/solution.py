"""Rows of length 1 make dot products of cosines."""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the dot products of the rows, each divided by its length."""
    # step: Give each of the rows the length 1.
    # blank: rows = ____
    rows = F.normalize(table[ids], dim=1)
    # step: Multiply every row with every other: that is their cosine.
    # blank: return ____
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the k largest similarities."""
    # step: Compare the vector with all rows, and take the ids of the k most similar ones.
    # blank: return ____.topk(k).indices.tolist()
    return F.cosine_similarity(table, vector[None]).topk(k).indices.tolist()
