"""The number of vectors has no influence.

A word with several rows learns all of them.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_textual_inversion"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count one row."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
