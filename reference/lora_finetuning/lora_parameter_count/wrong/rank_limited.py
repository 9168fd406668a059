"""The rank is limited to the smaller side of the layer.

A matrix has no more rank than its smaller side, so a larger one is wasted, but nobody cuts it down: A and B get the
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
