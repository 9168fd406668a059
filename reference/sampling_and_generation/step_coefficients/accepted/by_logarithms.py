"""Takes the product by logarithms, in float64."""

import torch


def step_coefficients(timestep: int, betas: torch.Tensor) -> tuple[float, float, float]:
    """Return the numbers, computed in double precision."""
    exact = betas.double()
    left = torch.exp(torch.log1p(-exact).cumsum(0))[timestep]
    beta = exact[timestep]
    return tuple(number.item() for number in ((1 - beta).pow(-0.5), beta / (1 - left).sqrt(), beta.sqrt()))
