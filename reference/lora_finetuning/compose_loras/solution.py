"""Each adapter's change is added to the weight."""

import torch


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Return W plus the sum of (alpha_i / r_i) B_i A_i."""
    # step: Begin with the weight.
    composed = weight
    for A, B, alpha in adapters:
        # step: Add each adapter's change, with its own alpha and rank.
        # blank: composed = composed + ____
        composed = composed + alpha / A.shape[0] * (B @ A)
    return composed
