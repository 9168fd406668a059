"""Computes every pair for itself, and sorts pairs of similarity and id."""

import math

import torch


def cosine(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return the cosine of two vectors in double precision."""
    a, b = a.double(), b.double()
    return float(a @ b) / math.sqrt(float(a @ a) * float(b @ b))


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return a matrix filled number by number."""
    return torch.tensor([[cosine(table[i], table[j]) for j in ids] for i in ids], dtype=table.dtype)


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the k best pairs."""
    pairs = sorted(((cosine(vector, row), i) for i, row in enumerate(table)), reverse=True)
    return [i for _, i in pairs[:k]]
