"""Every linear layer of the U-Net is adapted.

`isinstance(module, torch.nn.Linear)` is true for the embedding of the timestep, the feed-forward layers and attn1 too.
The name has to be looked at as well.
"""

from typing import Any

import torch

CAUGHT_BY = "test_finds_nothing_else"


def lora_target_modules(unet: Any) -> list[str]:
    """Return all linear layers."""
    return [name for name, module in unet.named_modules() if isinstance(module, torch.nn.Linear)]
