"""Every leap starts from x_T again: the result of the one before is not fed back.

The picture that a leap returns is where the next one starts. If model and leap go on with x_T, then only the last leap
counts.
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
    """Return what the last timestep makes of pure noise."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x_T, t)
        x_0 = (x_T - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
