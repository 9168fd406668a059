"""The change of the weight is not transposed.

torch.nn.Linear computes x W^T, so the change B A must be transposed like W. Without the transpose the shapes fit only
where the layer has as many inputs as outputs, and there the result is wrong.
"""

import torch

CAUGHT_BY = "test_bypass_adds_to_the_layer"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + alpha / r x (B A)."""
    return x @ weight.T + alpha / A.shape[0] * (x @ (B @ A))
