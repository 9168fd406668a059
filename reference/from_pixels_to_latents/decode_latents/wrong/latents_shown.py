"""The latents themselves are shown, as if three of their channels were colours.

A latent is not a small picture. Its four numbers at each place describe f by f pixels in the autoencoder's own code,
and only the decoder can read it.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return three channels of the latents, enlarged."""
    factor = 2 ** (len(vae.config.block_out_channels) - 1)
    pixels = torch.nn.functional.interpolate(latents[:, :3] / vae.config.scaling_factor, scale_factor=factor)[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
