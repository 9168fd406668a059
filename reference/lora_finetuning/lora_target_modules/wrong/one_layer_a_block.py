"""The names are put together from numbers, and the numbers are those of one U-Net.

The configuration decides how many blocks, attentions and transformer layers there are. Use `named_modules` to find
them.
"""

from typing import Any

import torch

CAUGHT_BY = "test_finds_every_projection"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the first transformer layer of every attention."""
    return [
        name
        for name, module in unet.named_modules()
        if ".transformer_blocks.0.attn2." in name and isinstance(module, torch.nn.Linear)
    ]
