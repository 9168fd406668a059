"""The text encoder is left trainable as a whole.

Textual inversion learns a word and not a language: with the encoder's layers trainable every prompt changes its
meaning. Of the text encoder only the table of token embeddings is opened.
"""

from typing import Any

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze U-Net and autoencoder only."""
    for module in (unet, vae):
        module.requires_grad_(False)
    text_encoder.requires_grad_(True)
