"""Only the first transformer layer of each block is counted.

A block of attention holds as many transformer layers as the configuration says: one each in Stable Diffusion 1.5, up to
ten in SDXL. Each has an `attn2` of its own. Go through `named_modules()`, which finds them all.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_counts_every_layer_of_any_unet"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count rows, pairs of matrices and whole weights."""
    targets = [
        module
        for name, module in unet.named_modules()
        if ".transformer_blocks.0.attn2." in name and isinstance(module, nn.Linear)
    ]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
