"""The change is added to the weight itself, in place.

`weight += ...` changes the tensor that the caller holds. The frozen weight is no longer the frozen weight, and a second
call adds the bypass once more.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Merge the bypass into the weight, then apply it."""
    weight += alpha / A.shape[0] * (B @ A)
    return x @ weight.T
