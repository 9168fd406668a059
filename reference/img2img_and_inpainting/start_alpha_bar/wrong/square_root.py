"""The weight of the picture is returned, the square root of alpha-bar.

In the noised picture the clean one has the weight sqrt(alpha-bar), and that is a useful number, but it is not
alpha-bar. The two are easy to mix up because both fall from 1 towards 0. Code that takes the root once more afterwards
keeps far too much of the picture.
"""

import torch

CAUGHT_BY = "test_worked_example"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return the root of alpha-bar at the start."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    return float(alphas_cumprod[timesteps[t_start]]) ** 0.5 if t_start < n else 1.0
