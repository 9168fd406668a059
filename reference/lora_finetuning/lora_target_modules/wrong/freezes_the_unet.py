"""The function freezes the U-Net.

Freezing comes before training an adapter, but not here: a function that lists names must not change the model.
"""

from typing import Any

CAUGHT_BY = "test_leaves_the_unet_alone"


def lora_target_modules(unet: Any) -> list[str]:
    """Freeze, then list."""
    unet.requires_grad_(False)
    return ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]
