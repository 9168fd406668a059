"""The latents start clean, without noise.

The sampler's first step takes away the noise that its timestep should have. If there is none, it takes away
something of the picture instead, step after step, and the result is a flat, washed-out copy. The picture has to be
given the noise of the first timestep that runs.
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
    """Return z_0 as it is, below strength 1."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    return z_0, remaining
