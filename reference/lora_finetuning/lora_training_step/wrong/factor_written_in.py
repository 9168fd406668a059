"""The scaling factor of Stable Diffusion, 0.18215, is written into the code.

Every autoencoder has its own: 0.18215 for Stable Diffusion 1 and 2, 0.13025 for SDXL, another one here. It is in
vae.config.scaling_factor.
"""

from typing import Any

import torch

CAUGHT_BY = "test_loss_is_that_of_the_batch"


def lora_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    alphas_cumprod: torch.Tensor,
) -> float:
    """Train the adapter on one batch, and return the loss."""
    noise, timesteps = batch["noise"], batch["timesteps"]
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * 0.18215
        text = text_encoder(batch["input_ids"]).last_hidden_state
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
