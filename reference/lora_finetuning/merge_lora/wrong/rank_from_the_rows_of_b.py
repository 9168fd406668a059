"""The rank is read from the rows of B.

B is [out, r]: its rows are the outputs of the layer, its columns the rank. A is [r, in], so either B.shape[1] or
A.shape[0] is the rank.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (alpha / out) B A."""
    return weight + alpha / B.shape[0] * (B @ A)
