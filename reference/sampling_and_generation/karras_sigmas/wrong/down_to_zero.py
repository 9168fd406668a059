"""The roots are evenly spaced down to 0: sigma_min has no effect.

The 0 at the end is not part of the evenly spaced levels. They lead from sigma_max to sigma_min, the lowest level that
the model was trained for, and only the last step goes on to 0. Otherwise two of five levels of Stable Diffusion would
be lower than sigma_min, where nothing is left to do.
"""

import torch

CAUGHT_BY = "test_leads_from_sigma_max_to_sigma_min"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return levels with evenly spaced roots from sigma_max to 0."""
    return torch.linspace(sigma_max ** (1 / 7), 0, steps + 1) ** 7
