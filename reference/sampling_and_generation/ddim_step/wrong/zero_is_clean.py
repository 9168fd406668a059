"""prev_timestep = 0 is taken for the clean picture.

Timestep 0 is a timestep like the others, with a little noise and an alpha-bar of its own, alphas_cumprod[0].
Only -1 stands for the clean picture. Compare with 0 by `>=`, not by `>`; and `if prev_timestep:` is false for 0
too.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap, to timestep 0 without noise."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep > 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
