"""With an empty list the result is zeros instead of the weight.

A sum over nothing is 0, and the weight comes on top of it even then.
"""

import torch

CAUGHT_BY = "test_empty_list_gives_the_weight"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Return zeros where there is nothing to add."""
    if not adapters:
        return torch.zeros_like(weight)
    return weight + sum(alpha / A.shape[0] * (B @ A) for A, B, alpha in adapters)
