"""The first picture's timestep is used for all of them.

Every picture of a batch has a timestep of its own, so that one step of training sees many noise levels.
alphas_cumprod[timesteps] is [B]: give it three more axes, and it multiplies picture by picture.
"""

from typing import Any

import torch
from torch.nn.functional import mse_loss

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
    """Return the loss with one noise level for all."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    timesteps = timesteps[:1].expand(len(image))
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
