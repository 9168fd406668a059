"""The latents are divided by the scaling factor.

Encoding multiplies and decoding divides. The factor is one over the spread of what the encoder makes, so multiplying
brings the spread to 1.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return latents scaled the wrong way."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() / vae.config.scaling_factor
