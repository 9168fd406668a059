"""Everything is frozen, then the table is opened again."""

from typing import Any


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Ask for gradients in the table alone."""
    # step: Freeze all three networks.
    # blank: for module in ____:
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
    # step: Let the table of the text encoder ask for gradients again.
    # blank: text_encoder.get_input_embeddings().weight.requires_grad_(____)
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
