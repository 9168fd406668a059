"""alpha-bar_t is computed as 1 minus the product of the betas.

alpha-bar_t is the product of the *alphas*, the shares of the picture that survive each step. The betas are the shares
of noise; their product is tiny after a few steps and means nothing, so 1 minus it is nearly 1. Turn every beta into an
alpha first, then multiply. At timestep 0 the two are the same number.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with the product taken over the wrong numbers."""
    beta = betas[timestep]
    alpha_bar = 1 - torch.cumprod(betas, dim=0)[timestep]
    mean = (x_t - beta / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
