"""The frozen weights are set to zero.

Freezing is about gradients, not about numbers: the frozen parts have to compute what they always did.
"""

from typing import Any

CAUGHT_BY = "test_weights_stay"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze, and clear what is frozen."""
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
        for parameter in module.parameters():
            if parameter is not text_encoder.get_input_embeddings().weight:
                parameter.data.zero_()
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
