"""The estimate is limited to [-1, 1].

Samplers for pictures in pixels often cut the estimate there (`clip_sample`), because pixels cannot lie outside.
Latents do, and what is cut off is lost: the estimate no longer belongs to x_t and the predicted noise. The
statement asks for the number that the formula gives.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate, cut to the range of pixels."""
    alpha_bar = alphas_cumprod[timestep]
    return ((x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)).clamp(-1, 1)
