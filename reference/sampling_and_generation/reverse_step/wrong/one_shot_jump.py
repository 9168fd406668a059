"""The estimate of x_0 is returned: a jump to the end instead of one step.

Solving x_t for x_0 gives the best guess of the finished picture, which at high noise is a blurred
average of everything it could be. A reverse step goes only as far as x_{t-1} and lets the model look
again. At timestep 0 the two are the same, which is why the mistake does not show there.
"""

import torch

CAUGHT_BY = "test_picture_without_noise_goes_one_timestep_back"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the estimate of x_0 as if it were x_{t-1}."""
    alpha_bar = torch.cumprod(1 - betas, dim=0)[timestep]
    x_0 = (x_t - torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
    return x_0 + torch.sqrt(betas[timestep]) * z if timestep > 0 else x_0
