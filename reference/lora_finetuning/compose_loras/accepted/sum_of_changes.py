"""A sum in float64 that starts at the weight."""

import torch


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Round once."""
    changes = (alpha / B.shape[1] * (B.double() @ A.double()) for A, B, alpha in reversed(adapters))
    return sum(changes, start=weight.double()).to(weight.dtype)
