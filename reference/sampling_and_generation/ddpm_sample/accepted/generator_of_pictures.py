"""Yields the pictures one by one, keeps every fourth for a look, and returns the last."""

from collections.abc import Callable, Iterator

import torch


def walk(
    model: Callable[[torch.Tensor, int], torch.Tensor], x: torch.Tensor, betas: torch.Tensor, z: torch.Tensor
) -> Iterator[torch.Tensor]:
    """Yield the picture after every step."""
    alphas_cumprod = (1 - betas).log().cumsum(0).exp()
    for t in torch.flip(torch.arange(len(betas)), dims=(0,)).tolist():
        with torch.no_grad():
            noise_pred = model(x, t)
        x = (x - betas[t] * (1 - alphas_cumprod[t]) ** -0.5 * noise_pred) * (1 - betas[t]) ** -0.5
        if t != 0:
            x = x + betas[t] ** 0.5 * z[t]
        yield x


def ddpm_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    betas: torch.Tensor,
    step_noise: torch.Tensor,
) -> torch.Tensor:
    """Return the last picture of the walk."""
    shown = []
    for step, x in enumerate(walk(model, x_T, betas, step_noise)):
        if step % 4 == 0:
            shown.append(x)
    return x
