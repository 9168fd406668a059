"""A hook keeps the gradient away from all rows but the newest.

It looks like making one row trainable, but it stays in the model unseen, and weight decay and momentum move the other
rows all the same. Leave the gradient of the table as it is: restore_rows puts the other rows back.
"""

from typing import Any

import torch

CAUGHT_BY = "test_gradients_flow_through"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze, open the table, and let only the last row have a gradient."""
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
    table = text_encoder.get_input_embeddings().weight.requires_grad_(True)
    newest = torch.arange(len(table))[:, None] == len(table) - 1
    table.register_hook(lambda gradient: gradient * newest)
