"""The loss of latent diffusion, then one step of the optimizer."""

from typing import Any

import torch


def lora_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    alphas_cumprod: torch.Tensor,
) -> float:
    """Train the adapter on one batch, for one step, and return the loss."""
    noise, timesteps = batch["noise"], batch["timesteps"]
    # step: Encode pictures and prompts, without gradients.
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"]).last_hidden_state
    # step: Noise the latents to their timesteps.
    # blank: alpha_bar = ____
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    # blank: z_t = ____
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    # step: Let the U-Net predict the noise, and compare it with the true noise.
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    # blank: loss = ____
    loss = torch.mean((noise_pred - noise) ** 2)
    # step: Take a step with the optimizer.
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
