"""The first timesteps of the list are kept, not the last.

The list goes from the noisiest timestep down, and img2img runs its *end*, down to the clean picture. The first k
timesteps end in the middle of the noise.
"""

import torch

CAUGHT_BY = "test_remaining_timesteps_are_the_last"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the head of the list."""
    n = len(timesteps)
    remaining = timesteps[: min(int(n * strength), n)]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
