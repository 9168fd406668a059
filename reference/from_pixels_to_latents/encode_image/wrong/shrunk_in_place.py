"""The picture is shrunk in place to the size that the autoencoder was trained on.

thumbnail() changes the image it is called on, so the caller's picture is smaller afterwards. And shrinking is not
needed: the autoencoder takes any size that its factor divides.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_leaves_inputs_alone"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of a picture that the caller has lost."""
    image.thumbnail((vae.config.sample_size, vae.config.sample_size))
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
