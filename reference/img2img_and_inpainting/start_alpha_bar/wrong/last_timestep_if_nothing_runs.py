"""Where nothing runs, the last timestep is taken.

If no step runs, no noise is added, because no step would take it away again. Alpha-bar is 1 then. The last timestep of
the list has *some* noise; with trailing spacing it is as much as a whole step takes away.
"""

import torch

CAUGHT_BY = "test_nothing_runs_gives_one"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at an index that is kept inside the list."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    return float(alphas_cumprod[timesteps[min(t_start, n - 1)]])
