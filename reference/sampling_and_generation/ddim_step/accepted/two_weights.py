"""Multiplies out to one weight for x_t and one for the noise."""

import math

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap as a weighted sum, with weights that are Python's floats."""
    a_t = alphas_cumprod[timestep].item()
    a_prev = 1.0 if prev_timestep == -1 else alphas_cumprod[prev_timestep].item()
    signal = math.sqrt(a_prev / a_t)
    return signal * x_t + (math.sqrt(1.0 - a_prev) - signal * math.sqrt(1.0 - a_t)) * noise_pred
