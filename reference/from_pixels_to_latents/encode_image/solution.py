"""Pixels in [-1, 1], the middle of the encoder's distribution, the config's scaling factor."""

from typing import Any

import numpy as np
import torch
from PIL import Image


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the scaled latents of a picture."""
    # step: Read the picture's levels, 0 to 255, as a tensor [H, W, 3].
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    # step: Bring them to [1, 3, H, W] and to [-1, 1].
    # blank: pixels = ____
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    # step: Encode, take the middle of the distribution, and scale.
    # blank: return ____
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
