"""Only the bypass is returned, without the layer beside it.

The bypass goes beside the frozen layer, not in its place: both results are added.
"""

import torch

CAUGHT_BY = "test_start_changes_nothing"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return alpha / r x A^T B^T."""
    return alpha / A.shape[0] * (x @ A.T @ B.T)
