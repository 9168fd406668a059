"""The rank is taken from the wrong side of A.

A is [r, in], so r is A.shape[0]. A.shape[1] is the width of the layer.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (alpha / in) B A."""
    return weight + alpha / A.shape[1] * (B @ A)
