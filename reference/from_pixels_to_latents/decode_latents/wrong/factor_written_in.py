"""The scaling factor of Stable Diffusion, 0.18215, is written into the code.

Every autoencoder has its own: 0.18215 for Stable Diffusion 1 and 2, 0.13025 for SDXL, another one here. It is in
vae.config.scaling_factor.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_scaling_factor_is_the_configs"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture for another autoencoder's factor."""
    pixels = vae.decode(latents / 0.18215).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
