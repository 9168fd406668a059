"""Walks through the attention modules and adds up in a loop."""

from typing import Any


def customization_cost(unet: Any, text_encoder: Any, rank: int, vectors: int) -> dict[str, dict[str, int]]:
    """Count with a loop over modules named attn2."""
    lora = 0
    for name, module in unet.named_modules():
        if name.endswith("attn2"):
            for layer in (module.to_q, module.to_k, module.to_v, module.to_out[0]):
                rows, columns = layer.weight.shape
                lora += rank * columns + rows * rank
    full = 0
    for tensor in unet.parameters():
        size = 1
        for length in tensor.shape:
            size *= length
        full += size
    width = text_encoder.config.hidden_size
    result = {}
    for key, number in (("full_finetuning", full), ("lora", lora), ("textual_inversion", vectors * width)):
        result[key] = dict(parameters=number, bytes=number * 32 // 8)  # noqa: C408 - as students write it
    return result
