"""A and B are float32, whatever the dtype of the weight.

torch makes float32 tensors where no dtype is given. They cannot even be multiplied with a float64 weight.
"""

import torch

CAUGHT_BY = "test_b_starts_at_zero"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a normal A and a zero B in single precision."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator) / rank
    return A, torch.zeros(out_features, rank)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
