"""Each scale is also applied to the changes that came before it.

The weight is left alone here, but the running sum of the changes is scaled in every round, so the first adapter is
scaled by all factors. The order of the adapters then matters.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Scale the running sum of the changes."""
    total = torch.zeros_like(weight)
    for A, B, alpha in adapters:
        total = alpha / A.shape[0] * (total + B @ A)
    return weight + total
