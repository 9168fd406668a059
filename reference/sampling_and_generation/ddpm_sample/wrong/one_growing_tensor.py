"""All the pictures on the way are kept in one tensor, which grows at every step.

The result is right, and there is only one tensor more, but it holds a thousand pictures at the end where one is needed:
66 MB of latents of four channels and 64 x 64 numbers, for each picture of the batch. To watch the progress, keep one in
a hundred, or look at each one in the loop.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_keeps_no_pictures"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the last row of the tensor that holds the way."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    way = x_T[None]
    for t in reversed(range(len(betas))):
        x = way[-1]
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
        way = torch.cat([way, x[None]])
    return way[-1]
