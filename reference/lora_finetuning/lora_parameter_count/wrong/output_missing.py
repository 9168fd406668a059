"""The output projection is missing.

It is called to_out.0, and is one of the four layers.
"""

from typing import Any

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if name.endswith(("attn2.to_q", "attn2.to_k", "attn2.to_v"))
    )
