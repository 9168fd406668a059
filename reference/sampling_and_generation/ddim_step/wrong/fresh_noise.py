"""Fresh noise is used instead of the predicted noise.

It is right that x_{t-1} must be as noisy as its timestep says, but DDIM puts the *same* noise back, only less of it.
That makes the sampler deterministic: the same start gives the same picture, and leaps may be long.
"""

import torch

CAUGHT_BY = "test_same_inputs_same_result"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap with other noise."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * torch.randn_like(x_t)
