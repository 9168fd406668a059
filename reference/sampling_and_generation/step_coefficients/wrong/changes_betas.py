"""The betas are overwritten with the alphas.

Operations that end in an underscore write into the tensor they are called on, and here that is the caller's
schedule. The returned numbers are right, but the next call takes the alphas for betas. `1 - betas` makes a new
tensor.
"""

import torch

CAUGHT_BY = "test_leaves_betas_alone"


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers, computed inside betas."""
    beta = betas[timestep].item()
    alphas = betas.neg_().add_(1)
    alpha_bar = torch.prod(alphas[: timestep + 1]).item()
    return (1 - beta) ** -0.5, beta / (1 - alpha_bar) ** 0.5, beta**0.5
