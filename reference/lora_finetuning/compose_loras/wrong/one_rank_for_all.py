"""One rank is used for all: the sum of the ranks, as if the adapters were one large one.

Putting all A on top of each other and all B side by side does give one adapter with the sum of the ranks, but the
factors alpha / r belong to the parts. They have to be applied before.
"""

import torch

CAUGHT_BY = "test_changes_add_up"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Divide every alpha by the sum of the ranks."""
    ranks = sum(A.shape[0] for A, _, _ in adapters)
    composed = weight
    for A, B, alpha in adapters:
        composed = composed + alpha / ranks * (B @ A)
    return composed
