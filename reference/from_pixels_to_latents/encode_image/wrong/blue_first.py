"""The colours are in the order blue, green, red.

That order is OpenCV's. PIL has red first, and so has the autoencoder.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of a picture with red and blue exchanged."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.flip(2).permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
