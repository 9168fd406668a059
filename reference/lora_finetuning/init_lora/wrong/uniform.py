"""A is drawn evenly between two bounds instead of from a normal distribution.

torch.rand draws numbers from 0 to 1, each as likely as any other; torch.randn draws normal ones. The spread was made
right here, but none of these numbers lies far from the mean.
"""

import torch

CAUGHT_BY = "test_a_is_normal"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return an evenly distributed A with the right spread, and a zero B."""
    out_features, in_features = weight.shape
    A = (torch.rand(rank, in_features, generator=generator, dtype=weight.dtype) - 0.5) * 12**0.5 / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
