"""The scaling factor of Stable Diffusion, 0.18215, is written into the code.

Every autoencoder has its own: 0.18215 for Stable Diffusion 1 and 2, 0.13025 for SDXL, another one here. It is in
vae.config.scaling_factor.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_scaling_factor_is_the_configs"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return latents scaled for another autoencoder."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * 0.18215
