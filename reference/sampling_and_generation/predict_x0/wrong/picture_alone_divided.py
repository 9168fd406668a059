"""x_t is divided by sqrt(alpha-bar), and the noise is subtracted afterwards, undivided.

Noising shrank the picture and then added the noise, so the noise has to go first, and what is left is stretched as a
whole. Stretched first, x_t brings stretched noise along, of which too little is taken away.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return x_t / sqrt(alpha-bar) - sqrt(1 - alpha-bar) * noise_pred."""
    alpha_bar = alphas_cumprod[timestep]
    return x_t / torch.sqrt(alpha_bar) - torch.sqrt(1 - alpha_bar) * noise_pred
