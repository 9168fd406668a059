"""Levels whose seventh roots are evenly spaced, and the 0 after them."""

import torch

RHO = 7


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the noise levels `[steps + 1]`."""
    roots = torch.linspace(sigma_max ** (1 / RHO), sigma_min ** (1 / RHO), steps)
    return torch.cat([roots**RHO, torch.zeros(1)])
