"""The first adapter's alpha / r is used for all of them.

Each adapter has an alpha and a rank of its own. The factor has to be computed anew for each.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Scale every change by the first adapter's factor."""
    composed = weight
    for A, B, _ in adapters:
        composed = composed + adapters[0][2] / adapters[0][0].shape[0] * (B @ A)
    return composed
