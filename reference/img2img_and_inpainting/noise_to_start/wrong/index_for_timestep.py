"""The index of the start is used as if it were a timestep.

alphas_cumprod is indexed by timesteps. The start is a place in the sampler's list, and the timestep is what stands
there. With 50 steps, index 15 would be timestep 15: next to no noise, and 35 steps that expect nearly all of it.
"""

import torch

CAUGHT_BY = "test_noise_is_that_of_the_first_remaining_timestep"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with the noise of the index."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[n - len(remaining)]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
