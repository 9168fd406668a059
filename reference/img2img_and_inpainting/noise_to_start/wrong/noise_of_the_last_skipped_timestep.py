"""The noise is that of the timestep before the start.

When k of n timesteps run, the first that runs has the index n - k. The one before it is the last that is skipped,
and has more noise than the first step that runs will take away.
"""

import torch

CAUGHT_BY = "test_noise_is_that_of_the_first_remaining_timestep"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with a little too much noise."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[timesteps[n - len(remaining) - 1]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
