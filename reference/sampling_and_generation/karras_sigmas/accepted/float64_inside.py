"""Computes in float64, from the lowest level upwards, and turns the levels round."""

import torch


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels, computed in double precision."""
    roots = torch.tensor([sigma_min, sigma_max], dtype=torch.float64) ** (1 / 7)
    places = torch.linspace(1, 0, steps, dtype=torch.float64)
    sigmas = torch.lerp(roots[0], roots[1], places) ** 7
    return torch.nn.functional.pad(sigmas, (0, 1)).to(torch.float32)
