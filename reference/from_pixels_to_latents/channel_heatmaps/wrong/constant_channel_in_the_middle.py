"""A constant channel comes out as a half.

Middle grey is a sensible colour for "nothing to see". But the statement asks for zeros: they show at once that the
channel has no range.
"""

import torch

CAUGHT_BY = "test_constant_channel_is_all_zeros"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, grey where a channel is constant."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    scaled = (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
    return torch.where(spread > 0, scaled, torch.full_like(scaled, 0.5))
