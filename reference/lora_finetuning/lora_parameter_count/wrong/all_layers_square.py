"""Every layer is taken to be square: 2 * rank * out.

Query and output are square, but key and value have as many inputs as the text is wide. If text and picture happen to
have the same width, the mistake is invisible.
"""

from typing import Any

import torch

CAUGHT_BY = "test_worked_example"


def lora_parameter_count(unet: Any, rank: int) -> int:
    """Sum up."""
    return sum(
        2 * rank * module.out_features
        for name, module in unet.named_modules()
        if ".attn2." in name and isinstance(module, torch.nn.Linear)
    )
