"""sigma ** 1 / 7 is a seventh of sigma, not its seventh root.

Powers bind tighter than divisions, so Python reads (sigma ** 1) / 7. The root is sigma ** (1 / 7), with brackets. The
first level shows it: (128 / 7) ** 7 is nearly 700 million, where 128 should come back.
"""

import torch

CAUGHT_BY = "test_leads_from_sigma_max_to_sigma_min"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels from sevenths."""
    roots = torch.linspace(sigma_max**1 / 7, sigma_min**1 / 7, steps, dtype=torch.float64)
    return torch.cat([roots**7, torch.zeros(1)]).float()
