"""Alpha-bar at the sampler's own timestep, looked up by its index."""

import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alphas_cumprod[timesteps[t_start]], or 1.0 if nothing runs."""
    n = len(timesteps)
    # step: Find the index of the first timestep that runs.
    # blank: t_start = ____
    t_start = n - min(int(n * strength), n)
    # step: If nothing runs, the picture has no noise.
    if t_start == n:
        return 1.0
    # step: Look up the sampler's timestep at that index, and alpha-bar at that timestep.
    # blank: return float(____)
    return float(alphas_cumprod[timesteps[t_start]])
