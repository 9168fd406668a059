"""Every alpha is divided by the first adapter's rank.

Each adapter has a rank of its own, the number of rows of its own A. The first one's makes the others too strong or
too weak as soon as their ranks differ.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Scale every change by its alpha and the first adapter's rank."""
    composed = weight
    for A, B, alpha in adapters:
        composed = composed + alpha / adapters[0][0].shape[0] * (B @ A)
    return composed
