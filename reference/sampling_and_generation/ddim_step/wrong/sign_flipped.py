"""The predicted noise is added in the estimate of x_0 instead of taken away.

noise_pred is the noise that the model sees in x_t; the picture is what remains without it. With a plus there is
twice as much noise as before.
"""

import torch

CAUGHT_BY = "test_leap_turns_back"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap by way of a noisier estimate."""
    alpha_bar = alphas_cumprod[timestep]
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t + torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
