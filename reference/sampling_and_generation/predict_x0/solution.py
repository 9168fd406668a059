"""The clean picture that a noise prediction implies, by the formula of the statement."""

import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return (x_t - sqrt(1 - alpha-bar) * noise_pred) / sqrt(alpha-bar)."""
    alpha_bar = alphas_cumprod[timestep]
    return (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
