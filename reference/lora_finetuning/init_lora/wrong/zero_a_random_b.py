"""A is zero and B is random: the other way round.

This starts at the unchanged model as well, but it is another convention than the one asked for here, and than that of
the LoRA paper and of PEFT: A random, B zero.
"""

import torch

CAUGHT_BY = "test_b_starts_at_zero"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a zero A and a random B."""
    out_features, in_features = weight.shape
    B = torch.randn(out_features, rank, generator=generator, dtype=weight.dtype) / rank
    return torch.zeros(rank, in_features, dtype=weight.dtype), B


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
