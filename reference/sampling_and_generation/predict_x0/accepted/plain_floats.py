"""Takes its two weights from Python's own floats."""

import math

import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate with weights that are not tensors."""
    alpha_bar = float(alphas_cumprod[timestep])
    return (x_t - math.sqrt(1.0 - alpha_bar) * noise_pred) / math.sqrt(alpha_bar)
