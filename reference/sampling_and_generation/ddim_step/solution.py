"""One leap of DDIM, by the formula of the statement."""

import torch


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return sqrt(alpha-bar_prev) * x_0 + sqrt(1 - alpha-bar_prev) * noise_pred, with the estimate of x_0."""
    # step: Look up alpha-bar at both timesteps. The clean picture, -1, has 1.
    alpha_bar = alphas_cumprod[timestep]
    # blank: alpha_bar_prev = alphas_cumprod[prev_timestep] if ____ else ____
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    # step: Estimate the clean picture from the noise that the model sees.
    # blank: x_0 = ____
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    # step: Put the same noise back, as much of it as the earlier timestep has.
    # blank: return ____ * x_0 + ____ * noise_pred
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
