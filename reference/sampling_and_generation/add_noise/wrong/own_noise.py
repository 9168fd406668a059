"""Fresh noise is drawn inside, and the noise that is passed in is ignored.

In training the noise that goes in is what the model must find again: if the function draws its own, the loss
compares the model's answer with noise that is not in the picture, and nothing can be learned.
"""

import torch

CAUGHT_BY = "test_same_inputs_same_result"


def add_noise(
    x_0: torch.Tensor, noise: torch.Tensor, timesteps: torch.Tensor, alphas_cumprod: torch.Tensor
) -> torch.Tensor:
    """Return the pictures with other noise."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    return torch.sqrt(alpha_bar) * x_0 + torch.sqrt(1 - alpha_bar) * torch.randn_like(noise)
