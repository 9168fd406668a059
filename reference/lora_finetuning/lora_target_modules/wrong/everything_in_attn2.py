"""Everything inside attn2 is named, layer or not.

Besides the four linear layers an attn2 holds the list `to_out`, a dropout and, in some U-Nets, a norm. PEFT refuses
what it cannot adapt.
"""

from typing import Any

CAUGHT_BY = "test_names_are_those_of_modules"


def lora_target_modules(unet: Any) -> list[str]:
    """Return all modules whose name has attn2 in it."""
    return [name for name, _ in unet.named_modules() if ".attn2." in name]
