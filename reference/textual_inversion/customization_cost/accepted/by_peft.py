"""Lets PEFT add an adapter to a copy of the U-Net, and counts that."""

import copy
from typing import Any

from peft import LoraConfig


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count what is trainable in a copy that carries an adapter."""
    full = sum(p.numel() for p in unet.parameters())
    adapted = copy.deepcopy(unet)
    adapted.requires_grad_(False)
    targets = ["attn2.to_q", "attn2.to_k", "attn2.to_v", "attn2.to_out.0"]
    adapted.add_adapter(LoraConfig(r=lora_rank, target_modules=targets))
    lora = sum(p.numel() for p in adapted.parameters() if p.requires_grad)
    inversion = num_vectors * text_encoder.get_input_embeddings().weight.size(1)
    names = ("textual_inversion", "lora", "full_finetuning")
    return {
        name: {"parameters": number, "bytes": number * 4}
        for name, number in zip(names, (inversion, lora, full), strict=True)
    }
