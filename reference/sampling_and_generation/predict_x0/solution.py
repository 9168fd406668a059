"""The clean picture that a noise prediction implies, by the formula of the statement."""

import torch


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return (x_t - sqrt(1 - alpha-bar) * noise_pred) / sqrt(alpha-bar)."""
    # step: Look up alpha-bar at this timestep.
    alpha_bar = alphas_cumprod[timestep]
    # step: Solve the formula of noising for x_0: take away the noise, then undo the picture's weight.
    # blank: return (x_t - ____ * noise_pred) / ____
    return (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
