"""The model is asked a second time, to measure.

The estimate is made of the prediction that the step needs anyway. A call of the model is what costs: asking twice takes
twice as long.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch

CAUGHT_BY = "test_model_is_called_once_at_every_timestep"


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the right results at twice the price."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    signals, noises = torch.sqrt(alpha_bars), torch.sqrt(1 - alpha_bars)
    x, noisy, estimates = x_T, [], []
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - noises[i] * noise_pred) / signals[i]
        noisy.append(x)
        estimates.append((x - noises[i] * model(x, t)) / signals[i])
        x = signals[i + 1] * x_0 + noises[i + 1] * noise_pred
    changes = [(after - before).abs().mean().item() for before, after in pairwise(estimates)]
    return {
        "noisy": torch.stack(noisy),
        "estimates": torch.stack(estimates),
        "result": x,
        "noise_levels": noises[:-1].tolist(),
        "shares": [change / sum(changes) for change in changes],
    }
