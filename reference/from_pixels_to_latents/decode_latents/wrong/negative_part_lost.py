"""The decoded numbers are taken to lie in [0, 1].

They lie in [-1, 1], as the pixels that the autoencoder was trained on. Times 255 alone, everything darker than mid-grey
is black. Add 1 and divide by 2 first.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return a picture without its dark half."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = (pixels.clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
