"""Every linear layer inside an attn2."""

from typing import Any

import torch


def lora_target_modules(unet: Any) -> list[str]:
    """Return the full names of the four layers of every attn2."""
    return [name for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, torch.nn.Linear)]
