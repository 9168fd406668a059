"""Height and width change places.

The decoder gives [3, H, W] and Image.fromarray wants [H, W, 3]: the axes go in the order 1, 2, 0. In the order 2, 1, 0,
and also after .T, the picture is mirrored along its diagonal.
"""

from typing import Any

import torch
from PIL import Image

CAUGHT_BY = "test_height_comes_before_width"


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return a mirrored picture."""
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    return Image.fromarray(levels.numpy().T.copy())
