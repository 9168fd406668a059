"""Merges for the length of one product, and fills in place."""

import torch


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Fill an empty A in place."""
    A = torch.empty(rank, weight.shape[1], dtype=weight.dtype).normal_(0, 1 / rank, generator=generator)
    return A, weight.new_zeros(weight.shape[0], rank)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Apply a merged copy of the weight."""
    r = A.shape[0]
    return torch.nn.functional.linear(x, weight + (alpha / r) * torch.matmul(B, A))
