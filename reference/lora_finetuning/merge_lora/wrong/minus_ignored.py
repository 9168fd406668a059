"""The sign of alpha is lost, so a change can never be taken out again.

With a negative alpha the change is subtracted. Taking the absolute value adds it a second time.
"""

import torch

CAUGHT_BY = "test_merging_with_minus_alpha_brings_the_weight_back"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (|alpha| / r) B A."""
    return weight + abs(alpha) / A.shape[0] * (B @ A)
