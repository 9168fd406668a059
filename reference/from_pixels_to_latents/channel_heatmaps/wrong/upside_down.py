"""The maps are upside down: the largest number becomes 0.

(largest - x) / spread falls where the latent rises. The order must stay: more in the latent is brighter in the
map.
"""

import torch

CAUGHT_BY = "test_every_channel_fills_its_own_range"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps with bright and dark exchanged."""
    channels = latents[0]
    largest = channels.amax(dim=(1, 2), keepdim=True)
    spread = largest - channels.amin(dim=(1, 2), keepdim=True)
    return (largest - channels) / torch.where(spread > 0, spread, torch.ones_like(spread))
