"""alpha_t is used under the root of the noise coefficient instead of alpha-bar_t.

noise_pred is *all* the noise in x_t, gathered over every step so far; its weight in x_t is therefore
built from the running product alpha-bar_t. alpha_t knows about the last step only. At timestep 0 the two
are the same number, which is why the mistake does not show there.
"""

import torch

CAUGHT_BY = "test_mean_for_pictures_of_spread_1"


def reverse_step(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, betas: torch.Tensor, z: torch.Tensor
) -> torch.Tensor:
    """Return the step with sqrt(1 - alpha_t) in the coefficient."""
    beta = betas[timestep]
    mean = (x_t - beta / torch.sqrt(beta) * noise_pred) / torch.sqrt(1 - beta)
    return mean + torch.sqrt(beta) * z if timestep > 0 else mean
