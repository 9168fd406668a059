"""The changes are averaged.

Two adapters at full strength are added, not mixed half and half. With one adapter there is no difference.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Divide the sum of the changes by their number."""
    changes = [alpha / A.shape[0] * (B @ A) for A, B, alpha in adapters]
    return weight + sum(changes) / len(changes) if changes else weight
