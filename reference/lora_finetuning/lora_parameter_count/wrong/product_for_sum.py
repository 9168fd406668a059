"""The sides of the layer are multiplied: rank * in * out.

That is rank times the size of the product. The point of two thin matrices is that their sizes add up: rank * (in +
out).
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * module.in_features * module.out_features
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
