"""Only the change is returned, without the weight it is added to.

(alpha / r) B A is what has been learned; the layer needs it on top of what it knew.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return (alpha / r) B A."""
    return alpha / A.shape[0] * (B @ A)
