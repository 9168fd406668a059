"""Height and width change places.

A PIL image says (width, height), and its array is [H, W, 3]. torch wants [B, 3, H, W], so the axes go in the order 2,
0, 1. In the order 2, 1, 0 the picture is mirrored along its diagonal.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_height_comes_before_width"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of a mirrored picture."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 1, 0)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
