"""alpha-bar_prev and 1 - alpha-bar_prev are used without their square roots when the noise is put back.

alpha-bar is a share of the *variance*; picture and noise are weighted by the roots. Without them the result is
fainter than what the model expects at prev_timestep.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap weighted by variances."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return alpha_bar_prev * x_0 + (1 - alpha_bar_prev) * noise_pred
