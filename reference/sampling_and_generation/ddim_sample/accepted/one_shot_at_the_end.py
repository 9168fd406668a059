"""Leaps between neighbours in a loop, then makes the last leap on its own, without a next alpha-bar."""

from collections.abc import Callable

import torch


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the estimate of x_0 at the last timestep."""
    signal, noise = alphas_cumprod.sqrt(), (1 - alphas_cumprod).sqrt()
    x_t = x_T
    with torch.inference_mode():
        for i in range(len(timesteps) - 1):
            t, t_next = timesteps[i], timesteps[i + 1]
            eps = model(x_t, t)
            x_t = signal[t_next] * ((x_t - noise[t] * eps) / signal[t]) + noise[t_next] * eps
        last = timesteps[-1]
        return (x_t - noise[last] * model(x_t, last)) / signal[last]
