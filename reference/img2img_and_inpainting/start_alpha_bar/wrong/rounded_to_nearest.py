"""The number of steps is rounded to the nearest whole number.

int() cuts off what comes after the point: of 3.6 steps 3 run. Rounded, 4 would run, and the start is one timestep
noisier than where img2img starts.
"""

import torch

CAUGHT_BY = "test_start_is_on_the_samplers_timesteps"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the nearest start."""
    n = len(timesteps)
    t_start = n - min(round(n * strength), n)
    return float(alphas_cumprod[timesteps[t_start]]) if t_start < n else 1.0
