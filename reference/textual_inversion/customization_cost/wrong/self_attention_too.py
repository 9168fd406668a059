"""The layers of the self-attention are counted as well.

attn1 looks from the picture to the picture. The text comes in through attn2, and only its layers get an adapter here.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_lora"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count all attention layers."""
    targets = [module for name, module in unet.named_modules() if ".attn" in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
