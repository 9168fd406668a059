"""Noise is drawn inside, and the argument is ignored.

The noise is passed in so that a run can be repeated, and so that two strengths can be compared on the same noise. With
noise drawn inside, every call gives a different start.
"""

import torch

CAUGHT_BY = "test_same_inputs_same_start"


def noise_to_start(
    z_0: torch.Tensor,
    noise: torch.Tensor,
    strength: float,
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a start with noise of its own."""
    n = len(timesteps)
    remaining = timesteps[n - min(int(n * strength), n) :]
    own = torch.randn_like(z_0)
    if strength >= 1:
        return own, remaining
    if len(remaining) == 0:
        return z_0, remaining
    alpha_bar = alphas_cumprod[remaining[0]]
    return torch.sqrt(alpha_bar) * z_0 + torch.sqrt(1 - alpha_bar) * own, remaining
