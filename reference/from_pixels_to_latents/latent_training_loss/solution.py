"""Encodes without a graph, noises the latents, and compares the predicted noise with the true one."""

from typing import Any

import torch
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
    """Return the loss of one training step, ready for loss.backward()."""
    # step: Encode the picture and scale its latents. No gradient may reach the VAE.
    with torch.no_grad():
        # blank: z_0 = ____
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    # step: Look up one alpha-bar for each picture, in a shape that goes with [B, C, h, w].
    # blank: alpha_bar = ____
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    # step: Noise the latents to their timesteps.
    # blank: z_t = ____
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    # step: Let the U-Net predict the noise, and compare it with the true noise.
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
