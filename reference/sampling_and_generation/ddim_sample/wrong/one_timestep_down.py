"""Every leap goes down by one timestep only.

The alpha-bar after the leap is taken from t - 1, as in a loop over all timesteps. The picture then is as noisy as at
t - 1, while the model is told next that it is at the next timestep of the list, far lower: most of the noise stays in.
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
    """Return the picture after leaps that are too short."""
    x = x_T
    for t in timesteps.tolist():
        alpha_bar = alphas_cumprod[t]
        alpha_bar_next = alphas_cumprod[t - 1] if t > 0 else torch.ones_like(alpha_bar)
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
        x = torch.sqrt(alpha_bar_next) * x_0 + torch.sqrt(1 - alpha_bar_next) * noise_pred
    return x
