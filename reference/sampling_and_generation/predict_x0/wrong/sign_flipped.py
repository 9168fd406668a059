"""The predicted noise is added instead of taken away.

noise_pred is the noise that the model sees in x_t; the picture is what remains without it. With a plus there is
twice as much noise as before.
"""

import torch

CAUGHT_BY = "test_undoes_the_noising"


def predict_x0(
    x_t: torch.Tensor, noise_pred: torch.Tensor, timestep: int, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the picture with the noise doubled."""
    alpha_bar = alphas_cumprod[timestep]
    return (x_t + torch.sqrt(1 - alpha_bar) * noise_pred) / torch.sqrt(alpha_bar)
