"""A change is taken as the distance to the result, not to the estimate before.

That says how much is still to come, and counts the last movement in every entry. The question is where the estimate
moved: compare neighbours.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

CAUGHT_BY = "test_shares_are_those_of_the_estimates"


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return shares of what is still to come."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    signals, noises = torch.sqrt(alpha_bars), torch.sqrt(1 - alpha_bars)
    x, noisy, estimates = x_T, [], []
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - noises[i] * noise_pred) / signals[i]
        noisy.append(x)
        estimates.append(x_0)
        x = signals[i + 1] * x_0 + noises[i + 1] * noise_pred
    changes = [(estimates[-1] - before).abs().mean().item() for before, after in pairwise(estimates)]
    return {
        "noisy": torch.stack(noisy),
        "estimates": torch.stack(estimates),
        "result": x,
        "noise_levels": noises[:-1].tolist(),
        "shares": [change / sum(changes) for change in changes],
    }
