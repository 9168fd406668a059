"""Fresh noise is added at every leap but the last.

This is DDIM with eta = 1, which is as random as DDPM. The statement asks for eta = 0: the noise that is put back is the
noise that was predicted, all of it, so the same x_T always gives the same picture.
"""

from collections.abc import Callable

import torch

CAUGHT_BY = "test_same_inputs_same_result"


def ddim_sample(
    model: Callable[[torch.Tensor, int], torch.Tensor],
    x_T: torch.Tensor,  # noqa: N803 - the field's name for it
    timesteps: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the picture of a random walk."""
    alpha_bars = torch.cat([alphas_cumprod[timesteps], alphas_cumprod.new_ones(1)])
    x = x_T
    for i, t in enumerate(timesteps.tolist()):
        noise_pred = model(x, t)
        x_0 = (x - torch.sqrt(1 - alpha_bars[i]) * noise_pred) / torch.sqrt(alpha_bars[i])
        share = (1 - alpha_bars[i + 1]) / (1 - alpha_bars[i])
        sigma = torch.sqrt(share * (1 - alpha_bars[i] / alpha_bars[i + 1]))
        x = torch.sqrt(alpha_bars[i + 1]) * x_0 + torch.sqrt(1 - alpha_bars[i + 1] - sigma**2) * noise_pred
        x = x + sigma * torch.randn_like(x)
    return x
