"""The latent is treated as a picture: x / 2 + 0.5, limited to [0, 1].

That is how pixels from -1 to 1 become colours. Latents have a different range in each channel, so large parts of them
are cut off. Use each channel's own smallest and largest number.
"""

import torch

CAUGHT_BY = "test_every_channel_fills_its_own_range"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps on the range of pixels."""
    return (latents[0] / 2 + 0.5).clamp(0, 1)
