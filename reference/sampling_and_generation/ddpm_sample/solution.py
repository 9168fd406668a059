"""The DDPM loop, by the formulas of the statement."""

from collections.abc import Callable

import torch


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the picture after the steps T - 1, ..., 0."""
    # step: Compute alpha-bar at every timestep.
    # blank: alphas_cumprod = ____
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    x = x_T
    # step: Go through the timesteps from the noisiest to 0:
    # blank: for t in ____:
    for t in reversed(range(len(betas))):
        # step: Ask the model once, with the picture as it is now.
        noise_pred = model(x, t)
        # step: Take away this step's share of the noise, and scale what is left.
        # blank: x = (x - ____ * noise_pred) / ____
        x = (x - betas[t] / torch.sqrt(1 - alphas_cumprod[t]) * noise_pred) / torch.sqrt(1 - betas[t])
        # step: Add fresh noise with this step's spread, unless it is the last step.
        # blank: if ____:
        if t > 0:
            x = x + torch.sqrt(betas[t]) * step_noise[t]
    return x
