"""A is drawn without the generator.

torch.randn without `generator=` draws from a state that all of torch shares. The run cannot be repeated: any other
random number drawn before changes A.
"""

import torch

CAUGHT_BY = "test_a_is_drawn_with_the_generator"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return an A from torch's shared random state, and a zero B."""
    out_features, in_features = weight.shape
    A = torch.randn(rank, in_features, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
