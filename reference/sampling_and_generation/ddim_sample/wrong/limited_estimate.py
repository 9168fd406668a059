"""The estimate of x_0 is limited to [-1, 1].

Samplers for pixels often do that (`clip_sample`), because finished pixels lie there. Latents do not, and the statement
does not ask for a limit.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_leaps_follow_the_noise_level"


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture of limited estimates."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        x_0 = x_0.clamp(-1.0, 1.0)
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1]) * noise_pred
    return x
