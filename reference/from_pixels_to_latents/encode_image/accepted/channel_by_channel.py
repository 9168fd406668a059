"""Stacks the three channels one by one."""

from typing import Any

import numpy as np
import torch
from PIL import Image


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of stacked channels."""
    red, green, blue = (torch.tensor(np.array(band), dtype=torch.float32) for band in image.convert("RGB").split())
    pixels = torch.stack([red, green, blue]).sub(127.5).div(127.5).unsqueeze(0)
    with torch.inference_mode():
        z_0 = vae.encode(pixels.to(vae.dtype)).latent_dist.mode()
    return vae.config.scaling_factor * z_0.clone()
