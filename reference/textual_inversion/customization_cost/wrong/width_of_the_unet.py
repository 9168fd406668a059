"""The width of a row is taken from the U-Net's configuration.

`cross_attention_dim` is the width of the text that the U-Net expects. In Stable Diffusion 1.5 the table's rows are as
wide, but that is for the table to say: read `text_encoder.get_input_embeddings().weight`.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_counts_every_layer_of_any_unet"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count rows, pairs of matrices and whole weights."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * unet.config.cross_attention_dim,
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
