"""The self-attention is counted as well.

Only `attn2` carries the adapter. The layers of `attn1` have the same names except for the number.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if ".attn" in name and isinstance(module, torch.nn.Linear)
    )
