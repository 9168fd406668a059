"""0.001 is added to every denominator.

It keeps a constant channel from dividing by zero, and keeps every other channel from reaching 1: where the numbers are
only 0.1 apart, the largest becomes 0.99. Look for the constant channel instead, or add something far smaller.
"""

import torch

CAUGHT_BY = "test_faint_channel_fills_the_range_too"


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return (channel - smallest) / (largest - smallest + 0.001)."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    return (channels - smallest) / (channels.amax(dim=(1, 2), keepdim=True) - smallest + 1e-3)
