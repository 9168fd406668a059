"""Computes in float32 from the first root to the last power, by the formula."""

import torch


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels in single precision."""
    lowest, highest = torch.tensor(sigma_min), torch.tensor(sigma_max)
    ramp = torch.arange(steps, dtype=torch.float32) / max(steps - 1, 1)
    start, end = highest.pow(1 / 7), lowest.pow(1 / 7)
    sigmas = torch.zeros(steps + 1)
    sigmas[:-1] = (start + ramp * (end - start)).pow(7)
    return sigmas
