"""The feed-forward layers of the transformer blocks are adapted as well.

They follow the cross-attention in the block and are linear too, but they see neither text nor other places.
"""

from typing import Any

import torch

CAUGHT_BY = "test_finds_nothing_else"


def lora_target_modules(unet: Any) -> list[str]:
    """Return attn2 and ff."""
    return [
        name
        for name, module in unet.named_modules()
        if (".attn2." in name or ".ff." in name) and isinstance(module, torch.nn.Linear)
    ]
