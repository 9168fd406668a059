"""The bypass is scaled by alpha / sqrt(r).

That is a variant of LoRA with a name of its own (rank-stabilised LoRA). Here, as in the first paper, it is alpha / r.
"""

import torch

CAUGHT_BY = "test_bypass_adds_to_the_layer"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + alpha / sqrt(r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] ** 0.5 * (x @ A.T @ B.T)
