"""The noise is added, scaled by strength.

z_0 + strength * noise has the right idea, more strength and more noise, but not the schedule's numbers: the picture
keeps its full weight, so the sum is too large, and the amount of noise is not one that the model was trained on.
"""

import torch

CAUGHT_BY = "test_noise_is_that_of_the_first_remaining_timestep"


def noise_to_start(
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 plus some noise."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    return z_0 + strength * noise, remaining
