"""What is out of range is not cut off.

A byte holds 0 to 255. 260 becomes 4 in it, and -3 becomes 253: the brightest pixels turn black and the darkest white.
Cut off before you convert.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_out_of_range_is_cut_off"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return a picture whose extremes have gone round."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5) * 255).round().to(torch.int64).byte()
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
