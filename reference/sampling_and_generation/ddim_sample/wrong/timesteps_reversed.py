"""The timesteps are gone through from the last to the first.

The list is already in falling order: its first timestep is the noisiest, where x_T belongs. Turned around, the model is
told that pure noise is a nearly clean picture, and every leap adds noise instead of taking it away.
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
    """Return the picture of the way back and forth."""
    timesteps = timesteps.flip(0)
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
