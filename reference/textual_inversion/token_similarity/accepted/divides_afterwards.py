"""Divides the dot products by the outer product of the lengths."""

import torch


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return a . b / (|a| |b|) for all pairs."""
    rows = torch.index_select(table, 0, torch.as_tensor(ids))
    lengths = rows.pow(2).sum(1).sqrt()
    return rows.matmul(rows.t()) / torch.outer(lengths, lengths)


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids by a . b / |b|: the vector's own length is the same for all."""
    scores = (table @ vector) / torch.linalg.norm(table, dim=1)
    return scores.argsort(descending=True)[:k].tolist()
