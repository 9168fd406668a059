"""Where nothing runs, alphas_cumprod[0] is taken.

Index 0 is the least noisy timestep, not a clean picture: alpha-bar is 0.99915 there on Stable Diffusion's
schedule. If no step runs, no noise is added at all, and that is alpha-bar 1.
"""

import torch

CAUGHT_BY = "test_nothing_runs_gives_one"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar, at the least noisy timestep if none runs."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    return float(alphas_cumprod[timesteps[t_start]] if t_start < n else alphas_cumprod[0])
