"""Every linear layer of the U-Net is counted.

Feed-forward layers and the embedding of the timestep are linear too, but carry no adapter.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        rank * (module.in_features + module.out_features)
        for name, module in unet.named_modules()
        if isinstance(module, torch.nn.Linear)
    )
