"""Stable Diffusion's width is written in.

768 is the width of Stable Diffusion 1.5's text encoder. Others have other widths: read it off the table.
"""

from typing import Any

from torch import nn

CAUGHT_BY = "test_textual_inversion"


def customization_cost(unet: Any, text_encoder: Any, lora_rank: int, num_vectors: int) -> dict[str, dict[str, int]]:
    """Count rows of 768 numbers."""
    targets = [module for name, module in unet.named_modules() if ".attn2." in name and isinstance(module, nn.Linear)]
    counts = {
        "textual_inversion": num_vectors * 768,
        "lora": sum(lora_rank * (module.in_features + module.out_features) for module in targets),
        "full_finetuning": sum(parameter.numel() for parameter in unet.parameters()),
    }
    return {way: {"parameters": count, "bytes": 4 * count} for way, count in counts.items()}
