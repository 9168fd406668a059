"""The pixels go into the encoder as they are, from 0 to 255.

The autoencoder was trained on pixels from -1 to 1. It has never seen numbers a hundred times larger. Divide by 127.5
and subtract 1.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of levels."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    pixels = levels.permute(2, 0, 1)[None].float()
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
