"""The scaling factor of Stable Diffusion, 0.18215, is written into the code.

Every autoencoder has its own: 0.18215 for Stable Diffusion 1 and 2, 0.13025 for SDXL, another one here. It is in
vae.config.scaling_factor.
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
    """Return the loss on latents scaled for another autoencoder."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * 0.18215
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
