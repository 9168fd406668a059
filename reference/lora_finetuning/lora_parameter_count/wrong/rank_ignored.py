"""The rank is ignored, and 4 is put in its place.

The count is right for rank 4 alone.
"""

from typing import Any

import torch

CAUGHT_BY = "test_equals_what_peft_reports"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        4 * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
