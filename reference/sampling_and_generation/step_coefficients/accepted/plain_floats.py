"""Multiplies up with Python's own floats."""

import math

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers, computed by the math module."""
    alpha_bar = math.prod(1.0 - beta for beta in betas.tolist()[: timestep + 1])
    beta = float(betas[timestep])
    return 1.0 / math.sqrt(1.0 - beta), beta / math.sqrt(1.0 - alpha_bar), math.sqrt(beta)
