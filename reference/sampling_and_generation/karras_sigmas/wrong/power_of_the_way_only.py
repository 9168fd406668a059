"""A pair of brackets is missing: only the difference is raised to the seventh power, not the whole sum.

Powers come before products and sums. In a + w * (b - a) ** 7 the power belongs to (b - a) alone, and as b is less
than a, levels may even become negative. Work out the roots in a line of their own, and raise them in the next.
"""

import torch

CAUGHT_BY = "test_leads_from_sigma_max_to_sigma_min"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels without brackets."""
    first, last = sigma_max ** (1 / 7), sigma_min ** (1 / 7)
    sigmas = first + torch.linspace(0, 1, steps) * (last - first) ** 7
    return torch.cat([sigmas, torch.zeros(1)])
