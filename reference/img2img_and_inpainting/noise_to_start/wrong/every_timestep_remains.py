"""All timesteps are returned, not only those that run.

The start has the noise of a timestep in the middle of the list, and the sampler must go on from there. If it runs
all timesteps, it takes away noise that is not there before it comes to the noise that is.
"""

import torch

CAUGHT_BY = "test_remaining_timesteps_are_the_last"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the whole list."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, timesteps
    if len(remaining) == 0:
        return z_0, timesteps
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, timesteps
