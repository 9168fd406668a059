"""Only A is counted, one of the two matrices.

The bypass is B A: [out, r] times [r, in]. Both learn.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_lora"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count A."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * module.in_features for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
