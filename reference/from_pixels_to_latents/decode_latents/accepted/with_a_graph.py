"""Detaches at the end, and asks for a tuple."""

from typing import Any

import torch
from PIL import Image


def decode_latents(vae: Any, latents: torch.Tensor) -> Image.Image:
    """Return the picture of a detached tensor."""
    pixels = vae.decode(latents * (1 / vae.config["scaling_factor"]), return_dict=False)[0].squeeze(0)
    levels = pixels.add(1).mul(127.5).clamp(0, 255).to(torch.uint8)
    return Image.fromarray(levels.detach().movedim(0, -1).contiguous().numpy(), mode="RGB")
