"""Merges one after the other."""

import torch


def merge_lora(weight, A, B, alpha):
    """Return the merged weight."""
    return torch.addmm(weight, B, A, alpha=alpha / A.shape[0])


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Merge each into the result of the last."""
    for A, B, alpha in adapters:
        weight = merge_lora(weight, A, B, alpha)
    return weight
