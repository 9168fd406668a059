"""The start is one timestep too noisy.

When k of n timesteps run, n - k are skipped, and the first that runs has exactly the index n - k. One before it
is the last that was skipped: the picture gets its noise, but the sampler believes that there is less.
"""

import torch

CAUGHT_BY = "test_start_is_on_the_samplers_timesteps"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the last skipped timestep."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    return float(alphas_cumprod[timesteps[max(t_start - 1, 0)]]) if t_start < n else 1.0
