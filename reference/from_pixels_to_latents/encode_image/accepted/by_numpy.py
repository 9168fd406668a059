"""Prepares the pixels with NumPy, in float64, and takes the distribution's mean."""

from typing import Any

import numpy as np
import torch
from PIL import Image


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the mean, which is the mode of a normal distribution."""
    levels = np.asarray(image.convert("RGB"), dtype=np.float64)
    pixels = torch.from_numpy(((levels / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)[np.newaxis]).to(torch.float32)
    return vae.encode(pixels).latent_dist.mean.mul(vae.config.scaling_factor)
