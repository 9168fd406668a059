"""The change is multiplied into the weight: W + (alpha / r) W B A, or something like it.

The bypass is added to what the layer gives; it does not act on the weight. Here every number of the change was
multiplied by the weight's number in its place.
"""

import torch

CAUGHT_BY = "test_change_does_not_depend_on_the_weight"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (alpha / r) W * (B A), place by place."""
    return weight + alpha / A.shape[0] * weight * (B @ A)
