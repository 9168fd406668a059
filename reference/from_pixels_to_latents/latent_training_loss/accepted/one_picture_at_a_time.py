"""Goes through the pictures one by one, with weights in double precision."""

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
    """Return the mean of the pictures' losses."""
    losses = []
    for index, timestep in enumerate(timesteps.tolist()):
        with torch.no_grad():
            z_0 = vae.encode(image[index : index + 1]).latent_dist.mode() * vae.config.scaling_factor
        alpha_bar = float(alphas_cumprod[timestep])
        given = noise[index : index + 1]
        z_t = alpha_bar**0.5 * z_0 + (1 - alpha_bar) ** 0.5 * given
        text = text_embeddings[index : index + 1]
        noise_pred = unet(sample=z_t, timestep=timestep, encoder_hidden_states=text).sample
        losses.append((noise_pred - given).pow(2).mean())
    return torch.stack(losses).mean()
