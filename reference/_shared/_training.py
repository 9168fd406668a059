"""The training loss as diffusers' own scheduler and torch's own mean squared error make it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from grader.diffusion.loading import make_scheduler

if TYPE_CHECKING:
    from collections.abc import Mapping


def training_loss(
    unet: Any,
    vae: Any,
    text_embeddings: torch.Tensor,
    batch: Mapping[str, torch.Tensor],
    alphas_cumprod: torch.Tensor,
    scaling_factor: float | None = None,
) -> torch.Tensor:
    """Return the loss of a batch, its graph in the U-Net and the `text_embeddings` `[B, L, D]`.

    `scaling_factor` is another one than the autoencoder's own.
    """
    scheduler = make_scheduler("ddim", num_train_timesteps=len(alphas_cumprod))
    scheduler.alphas_cumprod = alphas_cumprod
    with torch.no_grad():
        latents = vae.encode(batch["pixel_values"]).latent_dist.mode() * (scaling_factor or vae.config.scaling_factor)
    noisy = scheduler.add_noise(latents, batch["noise"], batch["timesteps"])
    noise_pred = unet(noisy, batch["timesteps"], encoder_hidden_states=text_embeddings).sample
    return torch.nn.functional.mse_loss(noise_pred, batch["noise"])
