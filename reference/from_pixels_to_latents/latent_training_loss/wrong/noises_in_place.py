"""The noise is scaled in place.

noise *= ... changes the caller's tensor, and it changes what the prediction is compared with: the U-Net has to find the
noise as it was given, of spread 1. Make a new tensor.
"""

from typing import Any

import torch
from torch.nn.functional import mse_loss

CAUGHT_BY = "test_leaves_inputs_alone"


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the distance from scaled noise, and leave it behind."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    noise *= (1 - alpha_bar).sqrt()
    z_t = alpha_bar.sqrt() * z_0 + noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
