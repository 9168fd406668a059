"""The weights of latent and noise are swapped.

At timestep 0 alpha-bar is nearly 1 and almost nothing but the latent is left, so sqrt(alpha-bar) belongs to the latent.
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
    """Return the loss on latents noised the wrong way round."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = (1 - alpha_bar).sqrt() * z_0 + alpha_bar.sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return mse_loss(noise_pred, noise)
