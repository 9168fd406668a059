"""The model gets the place in the list instead of the timestep.

timesteps[i] is a timestep, i is not: in a list of 50 leaps through 1000 timesteps, i = 0 belongs to timestep 980. A
model that gets 0 takes pure noise for a nearly clean picture.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_model_is_called_once_at_every_timestep"


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture of a model that is misled about the time."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i in range(len(timesteps)):
        noise_pred = model(x, i)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
