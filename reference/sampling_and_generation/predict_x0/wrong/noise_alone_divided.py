"""Only the noise term is divided by sqrt(alpha-bar).

A division binds more tightly than a minus: without brackets around the difference x_t itself is not stretched. Noising
shrank the picture by sqrt(alpha-bar), so what is left after the noise is gone has to be divided as a whole.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return x_t - sqrt(1 - alpha-bar) * noise_pred / sqrt(alpha-bar)."""
    alpha_bar = alphas_cumprod[timestep]
    return x_t - torch.sqrt(1 - alpha_bar) * noise_pred / torch.sqrt(alpha_bar)
