"""The noise is that of the second timestep that runs.

The first step takes away the noise between its timestep and the next. Started with the noise of the next one, the
picture has less noise than the model is told, and the model removes details along with it.
"""

import torch

CAUGHT_BY = "test_noise_is_that_of_the_first_remaining_timestep"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with a little too little noise."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[min(1, len(remaining) - 1)]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
