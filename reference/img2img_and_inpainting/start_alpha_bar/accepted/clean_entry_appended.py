"""Looks alpha-bar up for the whole list and appends a 1 for the clean picture."""

import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return an entry of n + 1, as a tensor with one element."""
    levels = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    return levels[len(timesteps) - min(int(len(timesteps) * strength), len(timesteps))]
