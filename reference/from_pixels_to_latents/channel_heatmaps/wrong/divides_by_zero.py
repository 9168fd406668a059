"""A constant channel is divided by its spread, which is zero.

0 / 0 is NaN, and a picture with NaN in it shows up black, or not at all. A constant channel has nothing to show, and
the statement asks for zeros.
"""

import torch

CAUGHT_BY = "test_constant_channel_is_all_zeros"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, NaN where a channel is constant."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    return (channels - smallest) / spread
