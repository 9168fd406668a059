"""Everything except the table is frozen, but the table is not made trainable.

It works as long as the table was trainable. If the text encoder was frozen before, nothing can learn. Set requires_grad
of the table to True.
"""

from typing import Any

CAUGHT_BY = "test_whatever_was_frozen_before"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Close everything but the table."""
    for module in (text_encoder, unet, vae):
        for parameter in module.parameters():
            if parameter is not text_encoder.get_input_embeddings().weight:
                parameter.requires_grad_(False)
