"""The levels are divided by 128, and 255 does not become 1.

255 / 128 - 1 is 0.992: white is not quite white. There are 255 steps from 0 to 255, and half of them is 127.5.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_ends_of_the_range"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of pixels that end at 0.992."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 128 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
