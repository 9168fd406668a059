"""The mean is over absolute differences.

The loss of diffusion is the mean of squares: its minimum is the mean of all noises that are possible, which is what
samplers need. Absolute differences have the median there.
"""

from typing import Any

import torch

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
    """Return the mean absolute difference."""
    with torch.no_grad():
        z_0 = vae.encode(image).latent_dist.mode() * vae.config.scaling_factor
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text_embeddings).sample
    return (noise_pred - noise).abs().mean()
