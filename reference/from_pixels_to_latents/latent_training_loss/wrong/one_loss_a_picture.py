"""The result is one loss for each picture.

backward() starts from one number. Take the mean over the pictures too.
"""

from typing import Any

import torch

CAUGHT_BY = "test_every_picture_has_its_own_timestep"


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return [B] losses."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return (noise_pred - noise).square().mean(dim=(1, 2, 3))
