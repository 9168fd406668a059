"""Makes a picture of each channel and merges the three."""

from typing import Any

import numpy as np
import torch
from PIL import Image


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the merged picture."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    pixels = torch.clamp(pixels, min=-1.0, max=1.0)
    bands = [Image.fromarray(((band + 1) / 2 * 255 + 0.5).numpy().astype(np.uint8)) for band in pixels]
    return Image.merge("RGB", bands)
