"""The picture is resized to the size that the autoencoder was trained on.

An autoencoder is made of convolutions and takes any size that its factor divides. Resizing squeezes what is not square,
and the latents no longer fit the picture.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_height_comes_before_width"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of a resized picture."""
    side = vae.config.sample_size
    levels = torch.from_numpy(np.array(image.convert("RGB").resize((side, side))))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
