"""Both tables of the text encoder are made trainable, the table of positions too.

text_encoder.embeddings holds the token embeddings and the position embeddings. A position that moves changes every
prompt. Make only the token embeddings trainable.
"""

from typing import Any

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze all, and open all embeddings."""
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
    text_encoder.embeddings.requires_grad_(True)
