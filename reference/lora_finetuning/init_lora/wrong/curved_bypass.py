"""An extra operation is applied between A and B.

Two layers in a row often have an activation between them. A bypass has no activation: A and B stand for one matrix B A
that can be added to the weight after training. With an activation in between it cannot.
"""

import torch

CAUGHT_BY = "test_bypass_adds_to_the_layer"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) relu(x A^T) B^T."""
    return x @ weight.T + alpha / A.shape[0] * (torch.relu(x @ A.T) @ B.T)
