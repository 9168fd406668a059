"""The change is subtracted.

Subtracting takes a bypass out; merging adds it. With -alpha the same function also takes the bypass out.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W - (alpha / r) B A."""
    return weight - alpha / A.shape[0] * (B @ A)
