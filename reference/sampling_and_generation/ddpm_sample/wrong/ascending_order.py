"""The loop runs from timestep 0 up to T - 1, as the picture was noised.

Sampling is the way *back*. x_T is pure noise, and only timestep T - 1 expects that; timestep 0 expects a picture that
is nearly clean. In ascending order the model is told that pure noise is a nearly clean picture. Turn the order around:
`reversed(range(T))`.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_model_is_called_once_at_every_timestep"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture after the steps in the wrong order."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in range(len(betas)):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
