"""The noise is added to the picture, and the noised picture is encoded.

The autoencoder was made for pictures. What it makes of a noised one is not a noised latent, and the U-Net could not
find the noise in it. Encode first, then add the noise to the latents.
"""

from typing import Any

import torch
from torch.nn.functional import mse_loss

CAUGHT_BY = "test_equals_the_formula"


def latent_training_loss(
    unet: Any,
    vae: Any,
    image: torch.Tensor,
    noise: torch.Tensor,
    timesteps: torch.Tensor,
    text_embeddings: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> torch.Tensor:
    """Return the loss on latents of a noised picture."""
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    pixel_noise = torch.nn.functional.interpolate(noise[:, :3], size=image.shape[2:])
    noised = alpha_bar.sqrt() * image + (1 - alpha_bar).sqrt() * pixel_noise
    with torch.no_grad():
        z_t = vae.encode(noised).latent_dist.mode() * vae.config.scaling_factor
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
