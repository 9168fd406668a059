"""One row is made a parameter of its own, which the text encoder does not use.

A row taken out of the table is another tensor. The text encoder goes on looking up its words in the table, so the new
parameter gets no gradient, and what it learned would reach no prompt. Only the table as a whole can be trained.
"""

from typing import Any

import torch

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze all, and make a parameter of a copy of the last row."""
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
    text_encoder.new_row = torch.nn.Parameter(text_encoder.get_input_embeddings().weight[-1].clone())
