"""A channel with a small spread is taken for a constant one.

Without knowing the channel, nobody can say whether two numbers 0.1 apart are "the same": heat maps are made to show
such small differences. Only a channel whose numbers are equal is constant.
"""

import torch

CAUGHT_BY = "test_faint_channel_fills_the_range_too"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, zeros where there is little to see."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    scaled = (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
    return torch.where(spread > 0.25, scaled, torch.zeros_like(scaled))
