"""squeeze() takes away more than the batch axis.

Without an argument it removes *every* axis of size 1: a latent of one channel, or a map of one row, loses that
axis too, and the result is no longer [C, h, w]. `latents[0]` or `squeeze(0)` removes the batch axis alone.
"""

import torch

CAUGHT_BY = "test_keeps_channels_and_dtype"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps without any axis of size 1."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    scaled = (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
    return scaled.squeeze()
