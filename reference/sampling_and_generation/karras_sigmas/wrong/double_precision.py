"""The levels are float64, as NumPy and Python's own numbers are.

The numbers are right. But float64 spreads: pictures multiplied by the levels of their batch become float64 as well,
and a model in float32 refuses them. Compute in float64 if you like, and end with `.float()`.
"""

import numpy as np
import torch

CAUGHT_BY = "test_ends_at_0"


def karras_sigmas(sigma_min: float, sigma_max: float, steps: int) -> torch.Tensor:
    """Return the levels as NumPy has them."""
    sigmas = np.linspace(sigma_max ** (1 / 7), sigma_min ** (1 / 7), steps) ** 7
    return torch.from_numpy(np.append(sigmas, 0.0))
