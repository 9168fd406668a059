"""Each row is stretched by itself, not each channel.

`amax(dim=-1)` looks along one row. Stretched one by one, the rows no longer fit together: a bright place in one row may
have a smaller number than a dark place in the next. Take smallest and largest over height *and* width.
"""

import torch

CAUGHT_BY = "test_every_channel_fills_its_own_range"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps with rows of their own."""
    channels = latents[0]
    smallest = channels.amin(dim=-1, keepdim=True)
    spread = channels.amax(dim=-1, keepdim=True) - smallest
    return (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
