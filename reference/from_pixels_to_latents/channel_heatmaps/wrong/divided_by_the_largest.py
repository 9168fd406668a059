"""The channel is divided by its largest number; the smallest is not taken away.

Latents have negative numbers. Divided by the largest, they stay negative, and a channel without any positive
number is turned upside down. First move the smallest number to 0, then stretch.
"""

import torch

CAUGHT_BY = "test_every_channel_fills_its_own_range"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, zero where the latent is zero."""
    channels = latents[0]
    largest = channels.amax(dim=(1, 2), keepdim=True)
    return channels / torch.where(largest == 0, torch.ones_like(largest), largest)
