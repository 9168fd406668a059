"""By the shapes of the weights."""

from typing import Any


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Add up the sides of the matrices of attn2 that are projections."""
    total = 0
    for name, parameter in unet.named_parameters():
        if "attn2.to_" in name and name.endswith(".weight"):
            total += rank * sum(parameter.shape)
    return total
