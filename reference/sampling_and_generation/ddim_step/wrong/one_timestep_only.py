"""The leap goes to timestep - 1, whatever prev_timestep is.

The point of DDIM is that it may skip: 50 leaps of 20 timesteps each take the place of 1000 steps. A leap that
goes one timestep down leaves the picture far noisier than the next one expects.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap to the next timestep."""
    del prev_timestep  # ignoring it is the mistake
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[timestep - 1] if timestep > 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
