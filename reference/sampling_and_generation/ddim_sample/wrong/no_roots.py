"""The parts are weighted with alpha-bar and 1 - alpha-bar, without the square roots.

Noise of weight w has variance w^2, so the weights of picture and noise are roots: sqrt(alpha-bar) and sqrt(1 -
alpha-bar). Both are missing where the noise is put back.
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
    """Return the picture of leaps with the wrong weights."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = alpha_bars[i + 1] * x_0 + (1 - alpha_bars[i + 1]) * noise_pred
    return x
