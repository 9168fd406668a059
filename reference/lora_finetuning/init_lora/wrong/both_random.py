"""B is random too, like A.

A bypass that does not start at zero changes the model before it has learned anything: the first pictures of the
training are spoilt by noise in every layer. One of the two must be zero, and the other must not.
"""

import torch

CAUGHT_BY = "test_b_starts_at_zero"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return two random matrices."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.randn(out_features, rank, generator=generator, dtype=weight.dtype) / rank


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
