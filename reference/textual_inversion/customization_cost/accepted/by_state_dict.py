"""Counts from the names and shapes of the state dict."""

from typing import Any

import torch


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count by names of weights."""

    def cost(numbers: int) -> dict[str, int]:
        return {"parameters": int(numbers), "bytes": int(numbers * torch.tensor(0.0).element_size())}

    state = unet.state_dict()
    ends = ("attn2.to_q.weight", "attn2.to_k.weight", "attn2.to_v.weight", "attn2.to_out.0.weight")
    return {
        "textual_inversion": cost(num_vectors * text_encoder.get_input_embeddings().embedding_dim),
        "lora": cost(sum(lora_rank * sum(weight.shape) for name, weight in state.items() if name.endswith(ends))),
        "full_finetuning": cost(unet.num_parameters()),
    }
