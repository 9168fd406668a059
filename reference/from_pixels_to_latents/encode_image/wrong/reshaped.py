"""The array is reshaped to [1, 3, H, W] instead of having its axes moved.

In memory the three colours of a pixel stand side by side. reshape (or view) keeps that order and only cuts it up anew,
so the first "channel" is the top third of the picture, its colours mixed. permute moves the axes.
"""

from typing import Any

import numpy as np
import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def encode_image(vae: Any, image: Image.Image) -> torch.Tensor:
    """Return the latents of a scrambled picture."""
    levels = torch.from_numpy(np.array(image.convert("RGB")))
    height, width, _ = levels.shape
    pixels = levels.reshape(1, 3, height, width).float() / 127.5 - 1
    return vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
