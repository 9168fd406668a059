"""The estimate of x_0 is not divided by sqrt(alpha-bar_t).

x_t without its noise is sqrt(alpha-bar_t) x_0, a faint copy. Multiplied by sqrt(alpha-bar_prev) it becomes
fainter still, and after a few leaps nothing of the picture is left.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap by way of a faint estimate."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = x_t - torch.sqrt(1 - alpha_bar) * noise_pred
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
