"""Calls a step of its own, with -1 for the clean picture, as the exercise on one leap has it."""

from collections.abc import Callable

import torch


def leap(x: torch.Tensor, eps: torch.Tensor, now: int, then: int, abar: torch.Tensor) -> torch.Tensor:
    """Return the picture at timestep `then`."""
    abar_then = abar[then] if then >= 0 else torch.tensor(1.0)
    x_0 = (x - (1 - abar[now]) ** 0.5 * eps) / abar[now] ** 0.5
    return abar_then**0.5 * x_0 + (1 - abar_then) ** 0.5 * eps


def ddim_sample(
    network: Callable[[torch.Tensor, int], torch.Tensor], noise: torch.Tensor, steps: torch.Tensor, abar: torch.Tensor
) -> torch.Tensor:
    """Return the picture after a leap for every pair of neighbours."""
    order = [int(step) for step in steps]
    for now, then in zip(order, [*order[1:], -1], strict=True):
        noise = leap(noise, network(noise, now), now, then, abar)
    return noise
