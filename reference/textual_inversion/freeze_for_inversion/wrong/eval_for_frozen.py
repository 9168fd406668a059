"""eval() is taken for freezing.

eval() switches dropout and the like to how they work in use. Parameters stay trainable. Freezing is
requires_grad_(False).
"""

from typing import Any

CAUGHT_BY = "test_only_the_table_is_trainable"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Put all three models into eval mode."""
    for module in (text_encoder, unet, vae):
        module.eval()
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
