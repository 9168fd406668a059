"""The text encoder is counted into full fine-tuning.

Full fine-tuning as it is asked here trains the U-Net and leaves the text encoder alone.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_full_finetuning"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count U-Net and text encoder."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(p.numel() for model in (unet, text_encoder) for p in model.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
