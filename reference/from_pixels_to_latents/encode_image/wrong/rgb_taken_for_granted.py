"""The picture is taken to have three channels.

A grey picture's array has none, and one with transparency has four. Pictures can have any mode: image.convert("RGB")
gives all of them three channels.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_grey_and_transparent_pictures"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of an RGB picture, and fail for any other."""
    levels = torch.from_numpy(np.array(image))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
