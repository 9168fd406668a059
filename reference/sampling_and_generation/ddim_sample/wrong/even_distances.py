"""Every leap goes down by T // n, wherever the next timestep is.

diffusers' DDIMScheduler leaps like that, and it is right there, because its timesteps are spaced like that. Here they
are given, at any distances: [900, 400, 350] leaps by 500, by 50, and to the clean picture. Leap to the next one in
the list.
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
    """Return the picture after leaps of one length."""
    leap = len(alphas_cumprod) // len(timesteps)
    x = x_T
    for t in timesteps.tolist():
        alpha_bar = alphas_cumprod[t]
        alpha_bar_next = alphas_cumprod[t - leap] if t >= leap else torch.ones_like(alpha_bar)
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
        x = torch.sqrt(alpha_bar_next) * x_0 + torch.sqrt(1 - alpha_bar_next) * noise_pred
    return x
