"""Multiplies by two weights, as schedulers' helpers do."""

import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate as a weighted difference."""
    inverse = 1.0 / alphas_cumprod[timestep]
    return torch.sqrt(inverse) * x_t - torch.sqrt(inverse - 1) * noise_pred
