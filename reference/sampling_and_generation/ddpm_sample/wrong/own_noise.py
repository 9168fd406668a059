"""Fresh noise is drawn inside the loop, and step_noise is ignored.

All the randomness of the loop comes in through x_T and step_noise, so that a run can be repeated and two samplers can
be compared on the same noise. Noise drawn inside makes every call give another picture. It has the right spread, so the
pictures even look fine.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_same_inputs_same_result"


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture with noise of its own."""
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    for t in reversed(range(len(betas))):
        noise_pred = model(x, t)
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        if t > 0:
            x = x + torch.sqrt(betas[t]) * torch.randn_like(x)
    return x
