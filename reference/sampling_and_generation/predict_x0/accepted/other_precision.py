"""Computes in the other precision and casts back."""

import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate with the dtype of x_t, whatever dtype it was computed in."""
    inside = torch.float64 if x_t.dtype == torch.float32 else torch.float32
    left = alphas_cumprod.to(inside)[timestep]
    return ((x_t.to(inside) - (1 - left).sqrt() * noise_pred.to(inside)) * left.rsqrt()).to(x_t.dtype)
