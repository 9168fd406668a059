"""Detaches the latents, and writes the mean of squares out."""

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
    """Return the mean of squares."""
    z_0 = (vae.config.scaling_factor * vae.encode(image).latent_dist.mean).detach()
    signal = alphas_cumprod.sqrt()[timesteps][:, None, None, None]
    spread = (1.0 - alphas_cumprod).sqrt()[timesteps][:, None, None, None]
    z_t = torch.addcmul(signal * z_0, spread, noise)
    noise_pred = unet(z_t, timesteps, text_embeddings)[0]
    return ((noise - noise_pred) ** 2).mean()
