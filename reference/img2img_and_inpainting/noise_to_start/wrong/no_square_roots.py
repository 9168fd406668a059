"""The square roots are missing.

alpha-bar and 1 - alpha-bar are shares of the *variance*. Numbers are multiplied by the root of a share, so that the two
variances add up to one. Without the roots the start has too little of both.
"""

import torch

CAUGHT_BY = "test_worked_example"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 and noise, weighted by variances."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return alpha_bar * z_0 + (1 - alpha_bar) * noise, remaining
