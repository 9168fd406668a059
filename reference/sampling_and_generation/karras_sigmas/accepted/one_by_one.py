"""Loops with Python's own floats, with a rule of its own for a single step."""

import torch


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels, one after the other."""
    if steps == 1:
        return torch.tensor([sigma_max, 0.0])
    first, last = sigma_max ** (1 / 7), sigma_min ** (1 / 7)
    sigmas = []
    for i in range(steps):
        part = i / (steps - 1)
        sigmas.append(((1 - part) * first + part * last) ** 7)
    sigmas.append(0.0)
    return torch.tensor(sigmas)
