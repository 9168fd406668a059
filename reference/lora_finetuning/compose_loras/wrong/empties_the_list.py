"""The adapters are taken out of the list, which belongs to the caller.

`pop` changes the list that was passed in: at the next call there is nothing left to add.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def compose_loras(weight: torch.Tensor, adapters: list[tuple[torch.Tensor, torch.Tensor, float]]) -> torch.Tensor:
    """Take the adapters from the end of the list."""
    composed = weight
    while adapters:
        A, B, alpha = adapters.pop()
        composed = composed + alpha / A.shape[0] * (B @ A)
    return composed
