"""What was trainable before stays trainable.

Only the table may learn, whatever the models were used for before. Freeze everything first, whatever its state.
"""

from typing import Any

CAUGHT_BY = "test_from_any_mixture"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze the models that are trainable as a whole."""
    for module in (text_encoder, unet, vae):
        if all(parameter.requires_grad for parameter in module.parameters()):
            module.requires_grad_(False)
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
