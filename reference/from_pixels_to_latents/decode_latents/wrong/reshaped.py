"""The array is reshaped to [H, W, 3] instead of having its axes moved.

In memory the decoder's picture is one colour after the other. reshape keeps that order and only cuts it up in a
different way, so three neighbours become one pixel's colours. permute moves the axes.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return a scrambled picture."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    _, height, width = levels.shape
    return Image.fromarray(levels.reshape(height, width, 3).numpy())
