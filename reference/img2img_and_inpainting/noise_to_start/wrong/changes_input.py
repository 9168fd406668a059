"""z_0 is changed in place.

`*=`, `+=` and operations that end in an underscore write into the tensor they are called on, here the caller's z_0.
The start is right, but inpainting needs the clean z_0 again after every step, and finds noise in its place.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the start, computed inside z_0."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    z_0 *= torch.sqrt(alpha_bar)
    z_0 += torch.sqrt(1 - alpha_bar) * noise
    return z_0, remaining
