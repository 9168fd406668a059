"""x_T is changed in place.

`x = x_T` gives the same tensor a second name, and operations that end in an underscore write into it. The returned
numbers are right, but another sampler that should start from the same noise then starts from a finished picture. Start
from a copy, `x_T.clone()`.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, painted over x_T."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x.copy_(torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred)
    return x
