"""Uses cosine_similarity on all pairs at once, and argsort."""

import torch


def token_similarity(matrix: torch.Tensor, tokens: list[int]) -> torch.Tensor:
    """Return the similarities of [n, 1, D] to [1, n, D]."""
    rows = matrix[torch.tensor(tokens)]
    return torch.cosine_similarity(rows[:, None], rows[None, :], dim=-1)


def nearest_tokens(vector: torch.Tensor, matrix: torch.Tensor, count: int) -> list[int]:
    """Return the first ids of a full sort."""
    similarity = torch.cosine_similarity(vector.expand_as(matrix), matrix, dim=1)
    order = torch.argsort(similarity, descending=True)
    return [int(i) for i in order[:count]]
