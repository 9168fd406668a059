"""timesteps are reversed in place.

flip() gives a new tensor; writing it back into timesteps (`timesteps[:] = ...`, `copy_`) changes the caller's. The
result is right, and then the sampler runs its steps in the wrong order.
"""

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def start_alpha_bar(strength: float, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor) -> float:
    """Return alpha-bar after turning the caller's list around."""
    running = min(int(len(timesteps) * strength), len(timesteps))
    timesteps[:] = timesteps.flip(0)
    return float(alphas_cumprod[timesteps[running - 1]]) if running else 1.0
