"""The last leap ends at alphas_cumprod[0] instead of 1.

Stable Diffusion's own configuration does this (`set_alpha_to_one=False`). The statement asks for alpha-bar 1, the clean
picture: at alphas_cumprod[0] a little noise is left, and a last leap from timestep 0 leads nowhere.
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
    """Return the picture at timestep 0."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod[:1]])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
