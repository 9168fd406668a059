"""The changes are multiplied with each other, place by place, instead of added.

Every adapter was trained beside the same W and knows nothing about the others. Their changes are added; a product would
make terms that nobody has trained.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Multiply the changes, place by place, and add the product."""
    changes = [alpha / A.shape[0] * (B @ A) for A, B, alpha in adapters]
    if len(changes) < 2:
        return weight + sum(changes)
    product = torch.ones_like(weight)
    for change in changes:
        product = product * change
    return weight + product
