"""The latents are drawn from the encoder's distribution.

sample() adds noise of the encoder's own spread, and different noise every time, so the same picture gets different
latents at every call. mode() is the middle of the distribution and always the same.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_same_picture_gives_same_latents"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return other latents every time."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.sample() * vae.config.scaling_factor
