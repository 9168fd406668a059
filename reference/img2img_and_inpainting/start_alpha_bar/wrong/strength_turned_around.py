"""The number of steps that run is taken for the index of the start.

The list begins with the noisiest timestep, and the *last* k of its n entries run. Indexed by k itself, strength
works the wrong way: a strength of 0.1 starts near the noisiest end, and nearly nothing is left of the picture.
"""

import torch

CAUGHT_BY = "test_worked_example"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar, counted from the noisy end."""
    n = len(timesteps)
    running = min(int(n * strength), n)
    if running == 0:
        return 1.0
    return float(alphas_cumprod[timesteps[min(running, n - 1)]])
