"""Lets a scheduler of diffusers add the noise."""

from typing import Any

import torch
from diffusers import DDPMScheduler
from torch.nn.functional import mse_loss


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the loss, with add_noise in the middle."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    scheduler = DDPMScheduler(num_train_timesteps=len(alphas_cumprod))
    scheduler.alphas_cumprod = alphas_cumprod
    z_t = scheduler.add_noise(z_0, noise, timesteps)
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
