"""Leaves its numbers as tensors without dimensions, in a list."""

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers as tensors."""
    alphas = 1 - betas
    abar = torch.prod(alphas[: timestep + 1])
    return [torch.rsqrt(alphas[timestep]), betas[timestep] * torch.rsqrt(1 - abar), betas[timestep] ** 0.5]
