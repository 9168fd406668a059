"""With prev_timestep = -1 the leap ends at alphas_cumprod[0] instead of 1.

The first alpha-bar belongs to timestep 0, which still has a little noise. -1 is the clean picture after it,
with alpha-bar 1. (Schedulers have a setting for this, `set_alpha_to_one`; Stable Diffusion has it off. The
statement asks for 1.)
"""

import torch

CAUGHT_BY = "test_last_leap_ends_at_the_estimate"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap, the last one to timestep 0."""
    alpha_bar, alpha_bar_prev = alphas_cumprod[timestep], alphas_cumprod[max(prev_timestep, 0)]
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
