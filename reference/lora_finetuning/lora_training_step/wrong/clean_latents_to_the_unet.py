"""The U-Net is given the clean latents.

It has to find the noise in `z_t`. `z_0` contains no noise.
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
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"]).last_hidden_state
    noise_pred = unet(z_0, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
