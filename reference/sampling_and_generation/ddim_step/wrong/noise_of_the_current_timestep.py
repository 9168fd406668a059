"""The noise is put back with the weight it had at the current timestep.

The picture part is scaled for prev_timestep, and the noise part must be too: sqrt(1 - alpha-bar_prev). With
sqrt(1 - alpha-bar_t) as much noise comes back as was taken away, and even the last leap leaves a noisy picture.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap with all of the noise."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar) * noise_pred
