"""Computes in the other precision and casts back."""

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap with the dtype of x_t, whatever dtype it was computed in."""
    inside = torch.float64 if x_t.dtype == torch.float32 else torch.float32
    abar = alphas_cumprod.to(inside)[timestep]
    abar_prev = alphas_cumprod.to(inside)[prev_timestep] if prev_timestep >= 0 else torch.ones((), dtype=inside)
    x_0 = (x_t.to(inside) - (1 - abar).sqrt() * noise_pred.to(inside)) / abar.sqrt()
    return (abar_prev.sqrt() * x_0 + (1 - abar_prev).sqrt() * noise_pred.to(inside)).to(x_t.dtype)
