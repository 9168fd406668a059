"""The adapter is added to the U-Net at once.

The names are right, but the U-Net now carries an adapter of rank 8 that nobody asked for, and all the rest of it is
frozen. A function that lists names must leave the model alone.
"""

from typing import Any

import torch

CAUGHT_BY = "test_leaves_the_unet_alone"


def lora_target_modules(unet: Any) -> list[str]:
    """Add an adapter, and return where it went."""
    from peft import LoraConfig

    names = [n for n, module in unet.named_modules() if ".attn2." in n and isinstance(module, torch.nn.Linear)]
    unet.add_adapter(LoraConfig(target_modules=names))
    return names
