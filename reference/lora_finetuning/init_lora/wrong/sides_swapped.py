"""A has the weight's rows and B its columns: the two sides are swapped.

torch.nn.Linear holds its weight as [out, in]. A takes the input, so it has `in` columns; B gives the output, so it has
`out` rows.
"""

import torch

CAUGHT_BY = "test_b_starts_at_zero"


def init_lora(weight: torch.Tensor, rank: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (A, B) for the transposed weight."""
    in_features, out_features = weight.shape
    A = torch.randn(rank, in_features, generator=generator, dtype=weight.dtype) / rank
    return A, torch.zeros(out_features, rank, dtype=weight.dtype)


def lora_forward(x: torch.Tensor, weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return x W^T + (alpha / r) x A^T B^T."""
    return x @ weight.T + alpha / A.shape[0] * (x @ A.T @ B.T)
