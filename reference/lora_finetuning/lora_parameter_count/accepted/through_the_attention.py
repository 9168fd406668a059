"""Asks every attention for its four layers."""

from typing import Any


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Go through the attentions themselves."""
    count = 0
    for name, attention in unet.named_modules():
        if name.endswith("attn2"):
            for layer in (attention.to_q, attention.to_k, attention.to_v, attention.to_out[0]):
                out_features, in_features = layer.weight.shape
                count += in_features * rank + out_features * rank
    return count
