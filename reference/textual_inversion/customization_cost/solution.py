"""Counting, by the shapes of the weights."""

from typing import Any

from torch import nn


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count rows, pairs of matrices and whole weights."""
    # step: Find the linear layers of the cross-attention.
    # blank: targets = [module for name, module in unet.named_modules() if ____]
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    # step: Count what each way trains: rows, pairs of matrices, everything.
    # blank: counts = {"textual_inversion": ____, "lora": ____, "full_finetuning": ____}
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    # step: In float32, every number takes four bytes.
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
