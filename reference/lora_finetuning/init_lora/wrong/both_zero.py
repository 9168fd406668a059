"""A and B are both zero, so nothing can ever be learned.

The gradient of A is computed with B, and that of B with A. With both of them zero, both gradients are zero, in the
first step and in every other.
"""

import torch

CAUGHT_BY = "test_a_is_normal"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return two zero matrices."""
    out_features, in_features = weight.shape
    A = torch.zeros(rank, in_features, dtype=weight.dtype)
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
