"""The colours are in the order blue, green, red.

That order is OpenCV's. The decoder puts red first, and PIL expects it there.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return a picture with red and blue exchanged."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.flip(0).permute(1, 2, 0).numpy())
