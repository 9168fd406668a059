"""Finds every attn2, then asks it for its layers."""

from typing import Any

import torch


def lora_target_modules(unet: Any) -> list[str]:
    """Go through the attentions themselves."""
    names = []
    for name, module in unet.named_modules():
        if name.split(".")[-1] != "attn2":
            continue
        for inner, layer in module.named_modules():
            if isinstance(layer, torch.nn.Linear):
                names.append(f"{name}.{inner}")
    return sorted(names)
