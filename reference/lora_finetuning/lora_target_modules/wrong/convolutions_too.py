"""Convolutions are adapted as well.

PEFT can do that, and it helps with styles of texture. Here the statement asks only for the cross-attention.
"""

from typing import Any

CAUGHT_BY = "test_finds_nothing_else"


def lora_target_modules(unet: Any) -> list[str]:
    """Return attn2 and the convolutions of the residual blocks."""
    return ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0", "conv1", "conv2"]
