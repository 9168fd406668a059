"""What is not the table is closed, but the table is not opened.

It works as long as the table was trainable. If somebody has frozen the text encoder before, nothing is left to learn.
Set requires_grad of the table to True.
"""

from typing import Any

CAUGHT_BY = "test_whatever_was_frozen_before"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Close everything but the table."""
    for module in (text_encoder, unet, vae):
        for parameter in module.parameters():
            if parameter is not text_encoder.get_input_embeddings().weight:
                parameter.requires_grad_(False)
