"""The batch axis stays: the result is [1, C, h, w].

A latent comes as a batch of one. Code that draws the maps loops over the channels, and would find a single one with
three dimensions.
"""

import torch

CAUGHT_BY = "test_keeps_channels_and_dtype"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps as a batch of one."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    scaled = (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
    return scaled.unsqueeze(0)
