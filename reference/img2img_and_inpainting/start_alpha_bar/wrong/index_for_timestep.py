"""The index of the start is used as if it were a timestep.

t_start is a place in the sampler's list. alphas_cumprod is indexed by timesteps, and the timestep is what stands
at that place: timesteps[t_start]. With 50 steps, index 15 would be timestep 15, where there is next to no noise.
"""

import torch

CAUGHT_BY = "test_start_is_on_the_samplers_timesteps"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar at the index."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    return float(alphas_cumprod[t_start]) if t_start < n else 1.0
