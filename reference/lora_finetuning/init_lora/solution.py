"""A normal A, a zero B, and the bypass beside the layer."""

import torch


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B), a fresh bypass for a weight."""
    out_features, in_features = weight.shape
    # step: Draw A from the generator, with a spread of 1 / rank.
    # blank: A = ____
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    # step: Make B so that a fresh bypass changes nothing.
    # blank: return A, ____
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    # step: Send x through the layer and through the bypass, down with A and up with B, and add both.
    # blank: return ____ + ____
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
