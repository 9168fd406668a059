"""The count of rank 1, times the rank."""

from typing import Any

import torch


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Count a tensor's numbers, then multiply."""
    layers = (m for n, m in unet.named_modules() if "attn2" in n and isinstance(m, torch.nn.Linear))
    return rank * int(torch.tensor([[m.in_features, m.out_features] for m in layers]).sum())
