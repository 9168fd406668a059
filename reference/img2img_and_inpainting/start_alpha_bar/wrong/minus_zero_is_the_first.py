"""Where nothing runs, the first timestep is taken.

`timesteps[-steps]` counts from the end, and -0 is 0: the first timestep of the list, the noisiest of all. If no step
runs, no noise is added, and alpha-bar is 1.
"""

import torch

CAUGHT_BY = "test_nothing_runs_gives_one"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the timestep that is as many places from the end as steps run."""
    steps = min(int(len(timesteps) * strength), len(timesteps))
    return float(alphas_cumprod[timesteps[-steps]])
