"""Goes through all parameters and compares each with the table."""

from typing import Any


def freeze_for_inversion(encoder: Any, denoiser: Any, autoencoder: Any) -> None:
    """Set requires_grad parameter by parameter."""
    table = encoder.get_input_embeddings().weight
    for module in (encoder, denoiser, autoencoder):
        module.eval()
        for parameter in module.parameters():
            parameter.requires_grad = parameter is table
