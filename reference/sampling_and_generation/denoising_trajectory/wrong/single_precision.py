"""Everything is returned in single precision, whatever x_T is.

`float()` makes float32 of any tensor. Results have the dtype of x_T, so that they can be compared with it.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

CAUGHT_BY = "test_keeps_shape_and_dtype"


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the results in float32."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    signals, noises = torch.sqrt(alpha_bars), torch.sqrt(1 - alpha_bars)
    x, noisy, estimates = x_T, [], []
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - noises[i] * noise_pred) / signals[i]
        noisy.append(x)
        estimates.append(x_0)
        x = signals[i + 1] * x_0 + noises[i + 1] * noise_pred
    changes = [(after - before).abs().mean().item() for before, after in pairwise(estimates)]
    return {
        "noisy": torch.stack(noisy).float(),
        "estimates": torch.stack(estimates).float(),
        "result": x.float(),
        "noise_levels": noises[:-1].tolist(),
        "shares": [change / sum(changes) for change in changes],
    }
