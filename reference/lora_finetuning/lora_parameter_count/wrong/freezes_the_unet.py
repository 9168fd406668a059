"""The function freezes the U-Net.

To count what an adapter would train, nothing has to be changed about the model.
"""

from typing import Any

import torch

CAUGHT_BY = "test_leaves_the_unet_alone"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Freeze, then count."""
    unet.requires_grad_(False)
    return sum(
        rank * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
