"""Pixels in [-1, 1], the middle of the encoder's distribution, the config's scaling factor."""

from typing import Any

import numpy as np
import torch
from PIL import Image


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the scaled latents of a picture."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
