"""The scale is applied to the sum, so the frozen weight is scaled as well.

Only the change counts alpha / r times; the weight counts once.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return alpha / r (W + B A)."""
    return alpha / A.shape[0] * (weight + B @ A)
