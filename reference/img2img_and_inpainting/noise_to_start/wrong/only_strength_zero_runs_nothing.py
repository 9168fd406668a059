"""Nothing runs at strength 0 only.

A strength of less than one step runs nothing either: of 5 steps at strength 0.1, int(0.5) = 0 run. There
`timesteps[-0:]` is the whole list, and the picture gets the noise of the noisiest timestep.
"""

import torch

CAUGHT_BY = "test_nothing_runs_gives_z_0"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return z_0 with the noise of the first timestep of the slice, and the slice; strength 0 is looked after."""
    if strength == 0:
        return z_0, timesteps[:0]
    remaining = timesteps[-min(int(len(timesteps) * strength), len(timesteps)) :]
    if strength >= 1:
        return noise, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
