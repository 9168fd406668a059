"""For textual inversion the whole table is counted.

The whole table is trainable, because PyTorch cannot make a single row trainable, but every other row is put back. Only
the new word's rows are learned and stored.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_textual_inversion"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count the whole table."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": text_encoder.get_input_embeddings().weight.numel(),
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
