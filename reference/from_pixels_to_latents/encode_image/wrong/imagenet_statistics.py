"""The pixels are normalised with ImageNet's mean and spread.

That is what classifiers want. This autoencoder was trained on pixels from -1 to 1: divide the levels by 127.5 and
subtract 1.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of pixels prepared for a classifier."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    mean, spread = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pixels = ((levels.float() / 255 - mean) / spread).permute(2, 0, 1)[None]
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
