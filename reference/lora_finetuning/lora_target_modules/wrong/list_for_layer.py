"""`to_out` is named, but it is a list of modules and not a layer.

PEFT adapts layers. The linear layer is the first entry of the list, `to_out.0`; the second is a dropout.
"""

from typing import Any

CAUGHT_BY = "test_names_are_those_of_modules"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the names as the attention's own code spells them."""
    return ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out"]
