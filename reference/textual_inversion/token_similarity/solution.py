"""Rows of length 1 make dot products of cosines."""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the dot products of the rows, each divided by its length."""
    rows = F.normalize(table[ids], dim=1)
    return rows @ rows.T


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the k largest similarities."""
    return F.cosine_similarity(table, vector[None]).topk(k).indices.tolist()
