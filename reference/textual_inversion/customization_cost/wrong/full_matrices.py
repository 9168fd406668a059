"""The layers themselves are counted as the adapter.

LoRA leaves W [out, in] alone and learns two thin matrices beside it: r * (in + out) numbers instead of in * out.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_lora"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count the layers that get an adapter."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(module.in_features * module.out_features for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
