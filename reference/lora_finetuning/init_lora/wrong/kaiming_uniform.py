"""A starts as PEFT starts it by default: evenly distributed, with bounds that depend on the width of the layer.

`kaiming_uniform_(a=sqrt(5))` draws between plus and minus 1 / sqrt(in). That is a good start, too, but not the one that
the statement asks for: a normal distribution with standard deviation 1 / rank.
"""

import torch

CAUGHT_BY = "test_a_is_normal"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return A as PEFT starts it by default, and a zero B."""
    out_features, in_features = weight.shape
    A = torch.empty(rank, in_features, dtype=weight.dtype)
    torch.nn.init.kaiming_uniform_(A, a=5**0.5, generator=generator)
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
