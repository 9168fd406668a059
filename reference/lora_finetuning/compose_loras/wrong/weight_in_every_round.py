"""The weight is added once for every adapter.

Summing up *merged* weights counts W as often as there are adapters. W counts once, no matter how many adapters are
added.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Sum up the merged weights."""
    merged = [weight + alpha / A.shape[0] * (B @ A) for A, B, alpha in adapters]
    return torch.stack(merged).sum(0) if merged else weight
