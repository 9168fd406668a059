"""Fresh noise is put in, in place of the predicted noise.

That x_{t-1} should be as noisy as its timestep says is right, but in DDIM it is the *same* noise that goes
back, less of it. This is what makes a sampler without chance: the same start gives the same picture, and leaps
may be long.
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
