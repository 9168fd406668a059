"""The noise is worked out anew from x_t and the estimate, with alpha-bar of the *previous* timestep.

Working it out anew is allowed, but x_t was made with alpha-bar_t, and only with that does the predicted noise
come out again. With alpha-bar_prev the "noise" is just what turns the estimate back into x_t: the leap does not
move at all. And at prev_timestep -1 it divides by zero.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap that lands where it started."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    noise = (x_t - torch.sqrt(alpha_bar_prev) * x_0) / torch.sqrt(1 - alpha_bar_prev)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise
