"""The alpha-bars are read at places in the list instead of timesteps.

alphas_cumprod has one entry for every timestep that was trained, and `alphas_cumprod[t]` is the one to read. Entry i,
with i the place in the list, is the alpha-bar of timestep i, a nearly clean picture.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_leaps_follow_the_noise_level"


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture of the wrong alpha-bars."""
    alpha_bars = torch.cat([alphas_cumprod[: len(timesteps)].flip(0), alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
