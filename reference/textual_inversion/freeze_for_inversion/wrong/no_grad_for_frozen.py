"""The frozen parts are made to compute without recording.

Frozen means that a part's own weights get no gradient. Under no_grad nothing is recorded at all, so no gradient can
come back through the part to the table before it. requires_grad_(False) is all that is needed.
"""

from typing import Any

import torch

CAUGHT_BY = "test_gradients_flow_through"


def freeze_for_inversion(text_encoder: Any, unet: Any, vae: Any) -> None:
    """Freeze, and switch recording off inside the U-Net."""
    for module in (text_encoder, unet, vae):
        module.requires_grad_(False)
    text_encoder.get_input_embeddings().weight.requires_grad_(True)
    unet.forward = torch.no_grad()(unet.forward)
