"""Turns both tensors into lists and counts from the end."""

import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the first of the last entries."""
    steps, alpha_bars = timesteps.tolist(), alphas_cumprod.tolist()
    running = int(len(steps) * strength)
    if running == 0:
        return 1
    return alpha_bars[steps[-running]]
