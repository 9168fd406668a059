"""Adds up rank * (in + out) over the projections of the cross-attention."""

from typing import Any

import torch


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Return how many numbers an adapter of that rank trains."""
    # step: Find the linear layers of the cross-attention, and add up the numbers in A and B of each.
    # blank: return sum(____ for name, module in unet.named_modules() if ____)
    return sum(
        rank * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
