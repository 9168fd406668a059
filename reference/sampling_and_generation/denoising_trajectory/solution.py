"""The DDIM loop, which writes down what it holds and what it expects at each step."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import torch


def denoising_trajectory(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the pictures, the estimates, and where the estimates changed."""
    # step: List alpha-bar at every timestep that is visited, and 1 for the clean picture after the last.
    # blank: alpha_bars = torch.cat([____, alphas_cumprod.new_ones(1)])
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    signals, noises = torch.sqrt(alpha_bars), torch.sqrt(1 - alpha_bars)
    x, noisy, estimates = x_T, [], []
    # step: Visit the timesteps in their order:
    for i, t in enumerate(timesteps.tolist()):
        # step: Ask the model once, with the picture as it is now.
        noise_pred = model(x, t)
        # step: Estimate the clean picture, and note what the step started with and what it expects.
        # blank: x_0 = ____
        x_0 = (x - noises[i] * noise_pred) / signals[i]
        noisy.append(x)
        estimates.append(x_0)
        # step: Leap: put the same noise back, as much of it as the next timestep has.
        # blank: x = ____ * x_0 + ____ * noise_pred
        x = signals[i + 1] * x_0 + noises[i + 1] * noise_pred
    # step: Measure how far each estimate is from the one before, and which share of the whole that is.
    # blank: changes = ____
    changes = [(after - before).abs().mean().item() for before, after in pairwise(estimates)]
    return {
        "noisy": torch.stack(noisy),
        "estimates": torch.stack(estimates),
        "result": x,
        "noise_levels": noises[:-1].tolist(),
        "shares": [change / sum(changes) for change in changes],
    }
