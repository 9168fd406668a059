"""The strength is taken of the training timesteps, not of the sampler's.

0.7 of 1000 training timesteps is 700, but no run starts there: a sampler of 50 steps visits only 50 of the
1000, and half a step more or less decides where it starts. The noise that is added must be the noise of a
timestep that the sampler visits; at any other the model is told a wrong noise level in its first step.
"""

import torch

CAUGHT_BY = "test_known_numbers_of_stable_diffusion"


def start_alpha_bar(
    strength: float,
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> float:
    """Return alpha-bar at the strength's share of the training timesteps."""
    running = min(int(len(alphas_cumprod) * strength), len(alphas_cumprod))
    return float(alphas_cumprod[running - 1]) if running else 1.0
