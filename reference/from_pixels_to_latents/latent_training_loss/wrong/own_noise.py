"""Noise is drawn in the function, and the noise that was given goes unused.

All randomness comes in as arguments: with its own noise the function answers differently every time.
"""

from typing import Any

import torch
from torch.nn.functional import mse_loss

CAUGHT_BY = "test_equal_calls_have_equal_losses"


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the loss on noise of its own."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    noise = torch.randn_like(z_0)
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
