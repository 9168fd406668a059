"""The generator is seeded anew, so every layer gets the same A.

A generator comes in the state in which it is to be used. Seeded with 0 each time, it gives all layers of one width the
same A, and every run of the training the same start.
"""

import torch

CAUGHT_BY = "test_a_is_drawn_with_the_generator"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the A that seed 0 gives, and a zero B."""
    out_features, in_features = weight.shape
    generator.manual_seed(0)
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
