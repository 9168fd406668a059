"""Cuts the list and looks at what is left."""

import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the head of the remaining timesteps."""
    remaining = timesteps[len(timesteps) - int(strength * len(timesteps)) :]
    return alphas_cumprod[remaining[0]].item() if remaining.numel() > 0 else 1.0
