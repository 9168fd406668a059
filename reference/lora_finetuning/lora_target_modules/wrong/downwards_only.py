"""Only the way down is searched.

A U-Net has cross-attention in `down_blocks`, in `mid_block` and in `up_blocks`. Walking through `down_blocks` alone
finds less than half of it.
"""

from typing import Any

import torch

CAUGHT_BY = "test_finds_every_projection"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the layers of the blocks on the way down."""
    return [
        f"down_blocks.{name}"
        for name, module in unet.down_blocks.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    ]
