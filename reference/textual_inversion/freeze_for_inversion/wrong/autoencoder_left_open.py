"""The autoencoder is not frozen.

It only encodes the pictures, but trainable parameters get gradients and may end up in an optimizer. All three models
are frozen.
"""

from typing import Any

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze text encoder and U-Net."""
    for module in (text_encoder, unet):
        module.requires_grad_(False)
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
