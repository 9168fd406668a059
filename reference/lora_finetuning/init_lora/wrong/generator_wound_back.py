"""The generator is wound back to its start, so every layer gets the same A.

A generator comes in the state in which it is to be used. With its own initial seed it begins again with the numbers
that the layer before has had, so all layers of one width get the same A.
"""

import torch

CAUGHT_BY = "test_a_is_drawn_with_the_generator"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the first A that the generator ever gives, and a zero B."""
    out_features, in_features = weight.shape
    generator.manual_seed(generator.initial_seed())
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
