"""Only query and value are adapted.

That is what the first LoRA paper did for language models. Here all four layers are asked for: key and output too.
"""

from typing import Any

CAUGHT_BY = "test_finds_every_projection"


def lora_target_modules(unet: Any) -> list[str]:
    """Return query and value."""
    return ["attn2.to_q", "attn2.to_v"]
