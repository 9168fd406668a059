"""Every step adds the same noise.

One tensor of noise is used at all the steps. Fresh noise is independent from step to step, so most of it cancels out;
the same noise at every step adds up to a pattern in the picture. Step t adds step_noise[t].
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
    """Return the picture with one pattern of noise in it."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[-1]
    return x
