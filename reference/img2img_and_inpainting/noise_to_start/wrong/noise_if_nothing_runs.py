"""Noise is added although no step runs.

If no timestep remains, no step would take the noise away again: the result of strength 0 would be a noisy picture. An
index that is kept inside the list with min() does that without a word.
"""

import torch

CAUGHT_BY = "test_nothing_runs_gives_z_0"


def noise_to_start(
    z_0: torch.Tensor, noise: torch.Tensor, strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return noised latents even if none run."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    if strength >= 1:
        return noise, remaining
    alpha_bar = alphas_cumprod[timesteps[min(n - len(remaining), n - 1)]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * noise, remaining
