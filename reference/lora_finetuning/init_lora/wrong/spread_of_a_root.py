"""A is drawn with a standard deviation of 1 / sqrt(rank).

Other initialisations use the root, because it keeps the size of sums over the rank constant. The statement asks for 1 /
rank.
"""

import torch

CAUGHT_BY = "test_a_is_normal"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a normal A, divided by the root of the rank, and a zero B."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank**0.5
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
