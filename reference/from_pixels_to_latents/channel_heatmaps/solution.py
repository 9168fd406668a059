"""Each channel stretched to [0, 1] by itself, by the formula of the statement."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return (channel - smallest) / (largest - smallest), zeros for a constant channel."""
    channels = latents[0]
    # step: Find the smallest number of each channel, in a shape that goes with [C, h, w].
    # blank: smallest = ____
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    # step: Find how far each channel's numbers are apart.
    # blank: spread = ____ - smallest
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    # step: Stretch each channel to [0, 1], without dividing by 0 where a channel is constant.
    # blank: return (channels - smallest) / ____
    return (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
