"""B is counted like A, by the layer's inputs.

A is [rank, in_features] and B is [out_features, rank]: B has a row for every output.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        2 * rank * module.in_features
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
