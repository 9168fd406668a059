"""x_T is changed in place.

`x = x_T` gives the same tensor a second name, and `-=` and `/=` write into it. The returned numbers are right, but
another sampler that should start from the same noise then starts from a finished picture. Start from a copy,
`x_T.clone()`, or use the operations that return a new tensor.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_leaves_inputs_alone"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, painted over x_T."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x -= betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred
        x /= torch.sqrt(1 - betas[t])
        if t > 0:
            x += torch.sqrt(betas[t]) * step_noise[t]
    return x
