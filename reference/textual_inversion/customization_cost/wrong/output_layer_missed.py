"""The layer in to_out is missed.

`to_out` is a list of a linear layer and a dropout, so its layer is not a direct child of the attention. Go through
`named_modules()`, which goes to the bottom, and count four layers in each block: to_q, to_k, to_v and to_out.0.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_lora"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count rows, pairs of matrices and whole weights."""
    blocks = [module for name, module in unet.named_modules() if name.endswith(".attn2")]
    targets = [layer for block in blocks for layer in block.children() if isinstance(layer, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
