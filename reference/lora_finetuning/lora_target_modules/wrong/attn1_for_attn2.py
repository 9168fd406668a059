"""The self-attention is adapted instead of the cross-attention.

In diffusers' blocks attn1 is the self-attention and attn2 the cross-attention, in the order in which they run.
"""

from typing import Any

import torch

CAUGHT_BY = "test_finds_every_projection"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the layers of every attn1."""
    return [name for name, module in unet.named_modules() if ".attn1." in name and isinstance(module, torch.nn.Linear)]
