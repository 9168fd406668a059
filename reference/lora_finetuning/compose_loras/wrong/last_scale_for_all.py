"""The changes are added up first and scaled once, by the last adapter's alpha / r.

After the loop `scale` still holds the last adapter's factor. Every change has to be scaled before it is added.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Scale the sum of all B A by the last factor."""
    total = torch.zeros_like(weight)
    scale = 0.0
    for A, B, alpha in adapters:
        scale = alpha / A.shape[0]
        total = total + B @ A
    return weight + scale * total
