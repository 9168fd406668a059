"""The layers are chosen by their width: those with as many inputs as the text is wide.

Only key and value read the text; query and output do not. And a layer of the same width may be somewhere else.
"""

from typing import Any

import torch

CAUGHT_BY = "test_finds_every_projection"


def lora_target_modules(unet: Any) -> list[str]:
    """Return linear layers without bias whose input is as wide as the text."""
    width = unet.config.cross_attention_dim
    return [
        name
        for name, module in unet.named_modules()
        if isinstance(module, torch.nn.Linear) and module.bias is None and module.in_features == width
    ]
