"""Freezes the text encoder part by part, as diffusers' training script does, and clears old gradients."""

from typing import Any


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze encoder, final norm and positions; open the token embeddings."""
    text_encoder.encoder.requires_grad_(False)
    text_encoder.final_layer_norm.requires_grad_(False)
    text_encoder.embeddings.position_embedding.requires_grad_(False)
    text_encoder.embeddings.token_embedding.requires_grad_(True)
    for module in (unet, vae):
        for parameter in module.parameters():
            parameter.requires_grad_(False)
            parameter.grad = None
