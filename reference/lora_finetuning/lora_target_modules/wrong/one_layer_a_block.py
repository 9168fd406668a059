"""The names are put together from numbers, and the numbers are those of one U-Net.

How many blocks, attentions and transformer layers there are is a matter of the configuration. `named_modules` knows.
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
