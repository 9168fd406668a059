"""The factors alpha / r are missing.

Each adapter counts alpha / r times, not once.
"""

import torch

CAUGHT_BY = "test_one_adapter_is_merged"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Return W plus the sum of B A."""
    return weight + sum((B @ A for A, B, _ in adapters), torch.zeros_like(weight))
