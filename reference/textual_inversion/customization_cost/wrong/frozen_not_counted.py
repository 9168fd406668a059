"""Only what is trainable at the moment is counted.

Then a frozen U-Net would cost nothing to fine-tune. The question is what would have to learn, whether or not it is
frozen now.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_frozen_or_not"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count what asks for gradients."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * text_encoder.get_input_embeddings().weight.shape[1],
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters() if parameter.requires_grad),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
