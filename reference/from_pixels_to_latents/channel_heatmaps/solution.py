"""Each channel stretched to [0, 1] by itself, by the formula of the statement."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return (channel - smallest) / (largest - smallest), zeros for a constant channel."""
    channels = latents[0]
    smallest = channels.amin(dim=(1, 2), keepdim=True)
    spread = channels.amax(dim=(1, 2), keepdim=True) - smallest
    return (channels - smallest) / torch.where(spread > 0, spread, torch.ones_like(spread))
