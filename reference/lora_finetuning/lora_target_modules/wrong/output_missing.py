"""The output projection is missing.

It is easily overlooked, because it is not called `to_out` but `to_out.0`: the first entry of a list.
"""

from typing import Any

CAUGHT_BY = "test_finds_every_projection"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the names that have no number in them."""
    return [name for name, _ in unet.named_modules() if name.endswith(("attn2.to_q", "attn2.to_k", "attn2.to_v"))]
