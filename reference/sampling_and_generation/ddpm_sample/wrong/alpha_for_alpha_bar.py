"""alpha_t is used under the root of the noise coefficient instead of alpha-bar_t.

The prediction is *all* the noise in the picture, gathered over every step so far; its weight is built from the
running product alpha-bar_t. alpha_t knows about one step only.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_every_number_ends_where_a_perfect_model_leads"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture of steps with sqrt(1 - alpha_t)."""
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(betas[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
