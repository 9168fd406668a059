"""The bias of to_out.0 is counted for LoRA.

An adapter has two matrices, A and B, and no bias of its own. The bias of the layer stays frozen.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_lora"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count rows, pairs of matrices and whole weights."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    biases = sum(module.bias.numel() for module in targets if module.bias is not None)
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": biases + sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
