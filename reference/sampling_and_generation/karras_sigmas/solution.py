"""Levels whose seventh roots are evenly spaced, and the 0 after them."""

import torch

RHO = 7


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the noise levels `[steps + 1]`."""
    # step: Space the roots of the levels evenly, from the highest level to the lowest.
    # blank: roots = torch.linspace(____, ____, steps)
    roots = torch.linspace(sigma_max ** (1 / RHO), sigma_min ** (1 / RHO), steps)
    # step: Undo the roots, and add the level 0 at the end.
    # blank: return torch.cat([____, torch.zeros(1)])
    return torch.cat([roots**RHO, torch.zeros(1)])
