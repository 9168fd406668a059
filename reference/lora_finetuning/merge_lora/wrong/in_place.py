"""The change is added to the weight in place.

`weight += ...` changes the tensor that the caller holds. There is no way back without rounding, and merging twice by
mistake goes unnoticed.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Add the change to the weight itself."""
    weight += alpha / A.shape[0] * (B @ A)
    return weight
