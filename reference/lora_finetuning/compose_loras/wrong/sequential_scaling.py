"""Each scale is applied to everything that was added so far, including W.

`composed = scale * (composed + B @ A)` scales the weight and the adapters before it once more in every round. Only the
change itself is scaled.
"""

import torch

CAUGHT_BY = "test_one_adapter_is_merged"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Scale what has come together so far in every round."""
    composed = weight
    for A, B, alpha in adapters:
        composed = alpha / A.shape[0] * (composed + B @ A)
    return composed
