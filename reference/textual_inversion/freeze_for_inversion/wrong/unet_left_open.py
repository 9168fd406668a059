"""The U-Net is not frozen.

Its millions of parameters would get gradients at every step, and if they move, every picture changes. Gradients flow
through a frozen U-Net just as well.
"""

from typing import Any

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze text encoder and autoencoder."""
    for module in (text_encoder, vae):
        module.requires_grad_(False)
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
