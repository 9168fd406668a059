"""Divides by the scaling factor, decodes, and brings [-1, 1] to 0..255, cut off outside."""

from typing import Any

import torch
from PIL import Image


@torch.no_grad()
def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture that scaled latents stand for."""
    # step: Undo the scaling, and decode.
    # blank: pixels = vae.decode(____).sample[0]
    pixels = vae.decode(latents / vae.config.scaling_factor).sample[0]
    # step: Bring [-1, 1] to 0..255, cut off what lies outside, and round.
    # blank: levels = ____.round().byte()
    levels = ((pixels / 2 + 0.5).clamp(0, 1) * 255).round().byte()
    # step: Put the channels last, as pictures have them.
    return Image.fromarray(levels.permute(1, 2, 0).numpy())
