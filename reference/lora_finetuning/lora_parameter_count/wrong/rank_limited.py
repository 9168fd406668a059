"""The rank is limited to the smaller side of the layer.

The rank of a matrix cannot exceed its smaller side, so a larger one is wasted. But nothing limits it: A and B get the
rank that was asked for.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_what_peft_reports"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        min(rank, module.in_features, module.out_features) * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
