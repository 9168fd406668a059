"""The picture is stretched so that its darkest number is 0 and its brightest 255.

Then every picture has full contrast, even one that should be all grey, and a single odd pixel darkens all others. -1 is
black and 1 is white, whether a picture reaches them or not.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_equals_the_pipeline"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return a picture of full contrast."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels - pixels.min()) / (pixels.max() - pixels.min()) * 255).round().byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
