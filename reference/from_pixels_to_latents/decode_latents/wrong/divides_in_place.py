"""The latents are divided in place.

latents /= factor changes the caller's tensor, and the caller's next step works with latents that are scaled twice.
latents / factor makes a new one.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_leaves_inputs_alone"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the right picture, and leave other latents behind."""
    latents /= vae.config.scaling_factor
    pixels = vae.decode(latents).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
