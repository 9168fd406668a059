"""The two weights are swapped.

alpha-bar is what is left of the *picture*. Swapped, little strength gives nearly pure noise and much strength nearly
the clean picture.
"""

import torch

CAUGHT_BY = "test_worked_example"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with the weight of the noise."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(1 - alpha_bar) * z_0 + torch.sqrt(alpha_bar) * noise, remaining
