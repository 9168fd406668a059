"""The change is added the wrong way round.

B is [out, r] and A is [r, in], so B A is [out, in], like the weight. A^T B^T is its transpose: it fits only where the
layer has as many inputs as outputs, and there it puts every number in the mirrored place.
"""

import torch

CAUGHT_BY = "test_merged_equals_bypass"


def merge_lora(weight: torch.Tensor, A: torch.Tensor, B: torch.Tensor, alpha: float) -> torch.Tensor:
    """Return W + (alpha / r) A^T B^T."""
    return weight + alpha / A.shape[0] * (A.T @ B.T)
