"""The bias of the output projection is counted.

to_out.0 is the only one of the four layers with a bias. It is frozen like the weight.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * (module.in_features + module.out_features) + (0 if module.bias is None else module.bias.numel())
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
