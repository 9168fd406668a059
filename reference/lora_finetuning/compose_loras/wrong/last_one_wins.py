"""Every adapter starts from W again, so only the last one is left.

`composed = weight + ...` forgets what the loop has added before. It must be `composed = composed + ...`.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Add each change to the weight itself, and keep the last result."""
    composed = weight
    for A, B, alpha in adapters:
        composed = weight + alpha / A.shape[0] * (B @ A)
    return composed
