"""One tensor is changed in place, and the list holds it n times.

`noisy.append(x)` keeps a reference, not a copy. If `x` is then written into, as `copy_`, `mul_` and `+=` do, all
entries of the list change with it, and at the end all of them are the result.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

CAUGHT_BY = "test_every_picture_leads_to_the_next"


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the last picture n times."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    signals, noises = torch.sqrt(alpha_bars), torch.sqrt(1 - alpha_bars)
    x, noisy, estimates = x_T.clone(), [], []
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - noises[i] * noise_pred) / signals[i]
        noisy.append(x)
        estimates.append(x_0)
        x.copy_(signals[i + 1] * x_0 + noises[i + 1] * noise_pred)
    changes = [(after - before).abs().mean().item() for before, after in pairwise(estimates)]
    return {
        "noisy": torch.stack(noisy),
        "estimates": torch.stack(estimates),
        "result": x,
        "noise_levels": noises[:-1].tolist(),
        "shares": [change / sum(changes) for change in changes],
    }
