"""The last leap takes its alpha-bar from index -1, which is the noisiest.

Timestep -1 stands for the clean picture, but to Python index -1 is the last entry, and alpha-bar is smallest there. The
last leap takes the picture back to where the loop began.
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
    """Return the picture as noisy as it can be."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod[-1:]])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
