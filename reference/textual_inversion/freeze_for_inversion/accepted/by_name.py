"""Chooses the table by its name."""

from typing import Any


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Set requires_grad by name, and return the models for convenience."""
    for name, parameter in text_encoder.named_parameters():
        parameter.requires_grad_("token_embedding" in name)
    unet.requires_grad_(False)
    vae.requires_grad_(False)
    return text_encoder, unet, vae
