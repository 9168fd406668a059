"""The changes are added to the weight in place.

`composed = weight` is another name for the same tensor, and `+=` changes it. The caller's weight is gone.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Add every change to the weight itself."""
    composed = weight
    for A, B, alpha in adapters:
        composed += alpha / A.shape[0] * (B @ A)
    return composed
