"""Does the arithmetic in NumPy, and cuts the decimals off."""

from typing import Any

import numpy as np
import torch
from PIL import Image


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture, finished by NumPy."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    array = pixels.detach().cpu().numpy().transpose(1, 2, 0)
    return Image.fromarray(np.clip((array + 1.0) * 127.5, 0, 255).astype(np.uint8))
