"""Computes in NumPy."""

import numpy as np
import torch


def token_similarity(table: torch.Tensor, ids: list[int]) -> torch.Tensor:
    """Return the dot products of normalised rows."""
    rows = table.numpy()[ids]
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return torch.from_numpy(rows @ rows.T)


def nearest_tokens(vector: torch.Tensor, table: torch.Tensor, k: int) -> list[int]:
    """Return the ids of the smallest angles."""
    rows, one = table.double().numpy(), vector.double().numpy()
    cosines = rows @ one / np.linalg.norm(rows, axis=1) / np.linalg.norm(one)
    return np.argsort(np.arccos(cosines.clip(-1, 1)))[:k].tolist()
