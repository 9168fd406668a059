"""Everything in a transformer block that owns a matrix is named.

Cutting ".weight" off turns the name of a parameter into that of its module, but attn1 and the feed-forward layers have
matrices too.
"""

from typing import Any

CAUGHT_BY = "test_finds_nothing_else"


def lora_target_modules(unet: Any) -> list[str]:
    """Return the modules in transformer blocks that own a matrix."""
    return [
        name.rpartition(".")[0]
        for name, parameter in unet.named_parameters()
        if "transformer_blocks" in name and parameter.ndim == 2
    ]
