"""Goes by the tensor of timesteps itself, one entry after the other, in float64."""

from collections.abc import Callable

import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture, with alpha-bars in double precision."""
    abar = alphas_cumprod.to(torch.float64)
    one = torch.ones((), dtype=torch.float64)
    x = x_T
    for i, t in enumerate(timesteps):
        abar_t = abar[t]
        abar_next = abar[timesteps[i + 1]] if i + 1 < len(timesteps) else one
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - abar_t) * noise_pred) / torch.sqrt(abar_t)
        x = (torch.sqrt(abar_next) * x_0 + torch.sqrt(1 - abar_next) * noise_pred).to(x_T.dtype)
    return x
