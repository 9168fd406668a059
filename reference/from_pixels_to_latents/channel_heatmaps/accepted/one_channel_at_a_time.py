"""Loops over the channels, with a case for constant ones."""

import torch


def channel_heatmaps(latents: torch.Tensor) -> torch.Tensor:
    """Return the maps, one after the other."""
    maps = []
    for channel in latents[0]:
        if channel.max() == channel.min():
            maps.append(torch.zeros_like(channel))
        else:
            maps.append((channel - channel.min()) / (channel.max() - channel.min()))
    return torch.stack(maps)
