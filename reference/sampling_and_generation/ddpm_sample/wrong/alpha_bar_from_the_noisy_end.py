"""alpha-bar is multiplied up on the way down.

The loop starts at T - 1, so a product that grows inside it is alpha_(T-1) * ... * alpha_t: what the noisiest steps have
left. alpha-bar_t is the product from timestep 0 up to t, and has to be there before the loop begins.
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
    """Return the picture after the steps T - 1, ..., 0, with a product that begins at T - 1."""
    alpha_bar = torch.ones((), dtype=betas.dtype)
    x = x_T
    for t in reversed(range(len(betas))):
        alpha_bar = alpha_bar * (1 - betas[t])
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
