"""The change is scaled by alpha, not by alpha / r.

Alpha must be divided by the rank, as in the forward pass. Without the division the result is right only for rank 1.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + alpha B A."""
    return weight + alpha * (B @ A)
