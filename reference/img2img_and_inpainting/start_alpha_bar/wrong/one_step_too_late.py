"""The start is one timestep too clean.

When k of n timesteps run, n - k are skipped, and the first that runs has exactly the index n - k, because
indices count from 0. The index after it is where the *second* step begins.
"""

import torch

CAUGHT_BY = "test_start_is_on_the_samplers_timesteps"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar after the first step that runs."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n) + 1
    return float(alphas_cumprod[timesteps[t_start]]) if t_start < n else 1.0
