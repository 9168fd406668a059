"""No fresh noise is added at any step.

A reverse step takes away more noise than necessary and gives fresh noise back: on average the two balance. Without the
fresh noise every step pulls towards the average, and all pictures look alike and blurred: they have far too little
spread.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_noise_of_every_step_reaches_the_picture"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the means of the steps."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
    return x
