"""The maps go from -1 to 1 instead of 0 to 1.

An autoencoder reads numbers from -1 to 1. To be displayed, numbers must lie between 0 and 1: half of these would be
black.
"""

import torch

CAUGHT_BY = "test_every_channel_fills_its_own_range"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps on the range of an autoencoder."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    scaled = (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
    return torch.where(spread > 0, 2 * scaled - 1, torch.zeros_like(scaled))
