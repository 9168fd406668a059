"""Alpha-bar at the sampler's own timestep, looked up by its index."""

import torch


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alphas_cumprod[timesteps[t_start]], or 1.0 if nothing runs."""
    n = len(timesteps)
    t_start = n - min(int(n * strength), n)
    if t_start == n:
        return 1.0
    return float(alphas_cumprod[timesteps[t_start]])
