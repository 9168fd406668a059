"""alpha_t is used instead of alpha-bar_t.

alpha_t, the ratio of two neighbouring alpha-bars, undoes one single step. x_t has been through all the steps from 0 to
t, so their product, alpha-bar_t, leads back to x_0. At timestep 0 the two are the same number, which is why the mistake
does not show there.
"""

import torch

CAUGHT_BY = "test_other_entries_do_not_matter"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the estimate after a single step."""
    alpha = alphas_cumprod[timestep]
    if timestep > 0:
        alpha = alpha / alphas_cumprod[timestep - 1]
    return (x_t - torch.sqrt(1 - alpha) * noise_pred) / torch.sqrt(alpha)
