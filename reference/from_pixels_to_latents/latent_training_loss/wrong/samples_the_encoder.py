"""The latents are drawn from the encoder's distribution.

Many training scripts do this, and it does no harm there. Here the statement asks for mode(), so that the same step
always has the same loss.
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
    """Return a loss that differs a little every time."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.sample() * vae.config.scaling_factor
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
