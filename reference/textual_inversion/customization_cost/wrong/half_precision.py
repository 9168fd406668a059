"""The bytes are those of half precision.

In float32 a number takes 4 bytes, in float16 2. The statement asks for float32.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_four_bytes_a_number"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count two bytes a number."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 2 * count} for way, count in counts.items()}
