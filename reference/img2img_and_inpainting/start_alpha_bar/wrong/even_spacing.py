"""The timestep is computed from even distances instead of being looked up.

Leading timesteps are equally far apart, but rounded linspace and trailing ones are not, and some samplers choose
theirs by other rules altogether. The list is there: timesteps[t_start] is right for all of them.
"""

import torch

CAUGHT_BY = "test_start_is_on_the_samplers_timesteps"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the first timestep minus that number of distances."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    if t_start == n:
        return 1.0
    distance = int(timesteps[0] - timesteps[1]) if n > 1 else 0
    return float(alphas_cumprod[max(int(timesteps[0]) - t_start * distance, 0)])
