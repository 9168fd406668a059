"""The change is added to a copy of the weight."""

import torch


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (alpha / r) B A."""
    # step: Multiply B and A, scale the product, and add it to the weight without changing the weight itself.
    # blank: return weight + ____
    return weight + alpha / A.shape[0] * (B @ A)
