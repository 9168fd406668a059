"""The factor alpha / r is missing.

The bypass counted alpha / r times while it stood beside the layer. Merged without the factor it counts once, and the
style comes out too weak or too strong.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + B A."""
    return weight + B @ A
