"""A bias is counted for every layer.

Neither A nor B has a bias, and the layer's own is frozen.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * (module.in_features + module.out_features) + module.out_features
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
