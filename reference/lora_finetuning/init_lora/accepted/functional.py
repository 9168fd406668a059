"""Uses torch.normal and torch.nn.functional, scaling the input."""

import torch


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a list instead of a tuple, A as a parameter."""
    A = torch.normal(0.0, 1.0 / rank, (rank, weight.size(1)), generator=generator, dtype=weight.dtype)
    return [torch.nn.Parameter(A), torch.nn.Parameter(torch.zeros(weight.size(0), rank, dtype=weight.dtype))]


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Scale the input of the bypass."""
    linear = torch.nn.functional.linear
    rank = B.size(-1)
    return linear(x, weight) + linear(linear(x * (alpha / rank), A), B)
