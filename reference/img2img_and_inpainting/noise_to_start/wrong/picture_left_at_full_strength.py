"""At strength 1 some of the picture is left.

Stable Diffusion's schedule never reaches pure noise: at the last training timestep the picture still has the weight
0.068, and the formula keeps it. That is enough to steer brightness and composition. Strength 1 promises
text-to-image, so it must start from the noise alone.
"""

import torch

CAUGHT_BY = "test_full_strength_is_pure_noise"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the formula's start, at strength 1 as well."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
