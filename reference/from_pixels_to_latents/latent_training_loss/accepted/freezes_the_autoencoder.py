"""Switches the autoencoder's gradients off for good."""

from typing import Any

import torch


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the loss with a frozen autoencoder."""
    vae.requires_grad_(False)
    vae.eval()
    posterior = vae.encode(image, return_dict=False)[0]
    z_0 = posterior.mode().mul(vae.config.scaling_factor)
    alpha_bar = alphas_cumprod.gather(0, timesteps).reshape(len(timesteps), 1, 1, 1)
    z_t = alpha_bar**0.5 * z_0 + (1 - alpha_bar) ** 0.5 * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return torch.nn.MSELoss()(noise_pred, noise)
