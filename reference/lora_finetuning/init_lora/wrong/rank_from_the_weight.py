"""The number of columns of A is taken for the rank.

A is [r, in], so r is A.shape[0] (or B.shape[1]). A.shape[1] is the width of the layer, and the bypass comes out far too
weak.
"""

import torch

CAUGHT_BY = "test_bypass_adds_to_the_layer"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + alpha / in x A^T B^T."""
    return x @ weight.T + alpha / A.shape[1] * (x @ A.T @ B.T)
