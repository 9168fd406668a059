"""In place, on a copy."""

import torch


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Add to a copy."""
    result = torch.empty_like(weight).copy_(weight)
    for adapter in adapters:
        A, B, alpha = adapter
        result.add_(B.matmul(A), alpha=alpha / A.size(dim=0))
    return result
