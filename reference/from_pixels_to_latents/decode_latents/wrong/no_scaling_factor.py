"""The latents are decoded without undoing the scaling.

vae.decode does not use the scaling factor: it is in the config, and you have to divide by it. Without it colours are
pale or glaring.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture of scaled latents."""
    pixels = vae.decode(latents).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
