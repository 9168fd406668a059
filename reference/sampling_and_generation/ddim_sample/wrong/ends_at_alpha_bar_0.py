"""The last leap goes to alpha-bar 0 instead of 1.

alpha-bar is the share of the picture, so 1 is the clean picture and 0 is pure noise. With 0 the loop returns its last
noise prediction.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_a_single_timestep_gives_the_best_guess"


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the last noise prediction."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_zeros(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
