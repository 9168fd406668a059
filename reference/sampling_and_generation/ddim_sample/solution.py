"""The DDIM loop, by the formulas of the statement."""

from collections.abc import Callable

import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture after a leap from every timestep to the next, and from the last to alpha-bar 1."""
    # step: List alpha-bar at every timestep that is visited, and 1 for the clean picture after the last.
    # blank: alpha_bars = torch.cat([____, alphas_cumprod.new_ones(1)])
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    # step: Visit the timesteps in their order:
    for i, t in enumerate(timesteps.tolist()):
        # step: Ask the model once, with the picture as it is now.
        noise_pred = model(x, t)
        # step: Estimate the clean picture from the noise that the model sees.
        # blank: x_0 = ____
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        # step: Put the same noise back, as much of it as the next timestep has.
        # blank: x = ____ * x_0 + ____ * noise_pred
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
