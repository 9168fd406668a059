"""The rank counts twice.

A has rank * in numbers and B has out * rank: each of them holds the rank once.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * module.in_features * rank + module.out_features * rank * rank
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
