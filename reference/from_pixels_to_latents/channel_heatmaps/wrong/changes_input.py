"""The latents are changed in place.

`latents[0]` is not a copy but a view: writing into it, as operations that end in an underscore and `-=` do, writes
into the caller's latents. The maps are right, but the latents can no longer be decoded.
"""

import torch

CAUGHT_BY = "test_leaves_latents_alone"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, computed inside the latents."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    channels -= smallest
    channels /= torch.where(spread > 0, spread, torch.ones_like(spread))
    return channels.clone()
