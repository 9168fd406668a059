"""The scale is applied to the sum, so the frozen layer is scaled as well.

Only the bypass counts alpha / r times. With B = 0 the layer must give what it gave before, and here it gives a multiple
of it.
"""

import torch

CAUGHT_BY = "test_start_changes_nothing"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return alpha / r (x W^T + x A^T B^T)."""
    return alpha / A.shape[0] * (x @ weight.T + x @ A.T @ B.T)
