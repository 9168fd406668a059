"""The number of steps is rounded to the nearest whole number.

int() cuts off what comes after the point: of 3.6 steps 3 run. Rounded, 4 would run, one more than the pipelines run,
and the start has the noise of one timestep earlier.
"""

import torch

CAUGHT_BY = "test_remaining_timesteps_are_the_last"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the start of the nearest number of steps."""
    n = len(timesteps)
    remaining = timesteps[n - min(round(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
