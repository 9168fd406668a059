"""The result has no batch axis.

Latents are [1, 4, h, w], one picture of a batch of one, because that is what U-Net and schedulers work on.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents without their batch."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode()[0] * vae.config.scaling_factor
