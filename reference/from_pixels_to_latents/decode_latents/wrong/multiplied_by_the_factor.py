"""The latents are multiplied by the scaling factor.

Encoding multiplies, so decoding divides: the decoder must get what the encoder made.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture of latents scaled twice."""
    pixels = vae.decode(latents * vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
