"""The pixels are brought to [0, 1], not to [-1, 1].

The autoencoder was trained on pixels from -1 to 1, as diffusion on pixels is. To it, a picture in [0, 1] has no dark
half: black looks like mid-grey. Divide by 127.5 and subtract 1.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of pixels in [0, 1]."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float() / 255
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
