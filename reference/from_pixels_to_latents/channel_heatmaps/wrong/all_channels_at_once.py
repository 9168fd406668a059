"""One range is used for all channels together.

The channels of a latent have quite different ranges. With the smallest and largest number of all of them, the
widest channel fills the picture and the others are flat grey. Each channel needs its own.
"""

import torch

CAUGHT_BY = "test_every_channel_fills_its_own_range"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps on a common range."""
    channels = latents[0]
    smallest = channels.min()
    spread = channels.max() - smallest
    return (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
