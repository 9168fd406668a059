"""Where nothing runs, timesteps[-0:] is taken for the empty end of the list.

`timesteps[-k:]` is the last k timesteps for every k but 0: -0 is 0, and the slice begins at the front. z_0 comes back
as it is, and the sampler runs all of its steps on it. `timesteps[n - k:]` has no such case.
"""

import torch

CAUGHT_BY = "test_nothing_runs_gives_z_0"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the last timesteps by a slice that counts from the end."""
    running = min(int(len(timesteps) * strength), len(timesteps))
    remaining = timesteps[-running:]
    if strength >= 1:
        return noise, remaining
    if running == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
