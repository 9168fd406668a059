"""The factor alpha / r is missing.

Without it the bypass counts once, whatever alpha says. With the factor you can change the rank without looking for a
new learning rate: with twice the rank, each direction has half the weight.
"""

import torch

CAUGHT_BY = "test_bypass_adds_to_the_layer"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + x A^T B^T."""
    return x @ weight.T + x @ A.T @ B.T
