"""The weights are reshaped for pictures [B, C, H, W] only.

Reshaping a weight to [1, 1, 1, 1] makes every result four-dimensional: [3] becomes [1, 1, 1, 3]. Here the
timesteps are two ints and every weight a single number, which broadcasts over any shape by itself.
"""

import torch

CAUGHT_BY = "test_keeps_shape_and_dtype"


def ddim_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, prev_timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the leap with four-dimensional weights."""
    alpha_bar = alphas_cumprod[timestep].view(1, 1, 1, 1)
    alpha_bar_prev = alphas_cumprod[prev_timestep] if prev_timestep >= 0 else torch.ones_like(alpha_bar)
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return torch.sqrt(alpha_bar_prev) * x_0 + torch.sqrt(1 - alpha_bar_prev) * noise_pred
