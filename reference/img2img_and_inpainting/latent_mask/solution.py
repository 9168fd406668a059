"""A mask at latent size, cut at 0.5 and resized to the nearest."""

import torch
from torch.nn.functional import interpolate


def latent_mask(mask: torch.Tensor, scale_factor: int) -> torch.Tensor:
    """Return what the top-left pixel of every cell says."""
    height, width = mask.shape[-2:]
    # step: Decide for every pixel: 0 or 1.
    # blank: binary = ____.to(mask.dtype)
    binary = (mask >= 0.5).to(mask.dtype)
    # step: Resize to the size of the latents, without making numbers between 0 and 1.
    # blank: return interpolate(binary, size=____, mode=____)
    return interpolate(binary, size=(height // scale_factor, width // scale_factor), mode="nearest")
