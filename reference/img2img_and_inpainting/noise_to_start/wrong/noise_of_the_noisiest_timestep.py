"""The noise is that of the noisiest timestep, whatever the strength.

timesteps[0] is where text-to-image starts. img2img skips the first timesteps and must start with the noise of the
first one it *runs*: remaining_timesteps[0]. With the noise of timesteps[0] nothing of the picture is left, and the
few steps that run cannot take so much noise away.
"""

import torch

CAUGHT_BY = "test_noise_is_that_of_the_first_remaining_timestep"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with the noise of the list's head."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[timesteps[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
