"""Takes root and power by logarithms, and puts both ends in as they are."""

import math

import torch


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels with exact ends."""
    first, last = math.exp(math.log(sigma_max) / 7), math.exp(math.log(sigma_min) / 7)
    sigmas = torch.exp(7 * torch.log(torch.linspace(first, last, steps)))
    sigmas[-1] = sigma_min
    sigmas[0] = sigma_max
    return torch.cat((sigmas, sigmas.new_zeros(1)))
