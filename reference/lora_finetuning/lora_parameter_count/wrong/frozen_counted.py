"""The frozen weights are counted as well.

An adapter sits *beside* the weights and leaves them as they are. Counting the whole layer says how much is stored, not
how much is trained.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * (module.in_features + module.out_features) + module.weight.numel()
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
