"""Lets a scheduler add the noise, and a closure compute the loss."""

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
    """Train the adapter on one batch, and return the loss."""
    from diffusers import DDPMScheduler

    scheduler = DDPMScheduler(trained_betas=[0.01] * len(alphas_cumprod))
    scheduler.alphas_cumprod = alphas_cumprod
    with torch.no_grad():
        z_0 = vae.config.scaling_factor * vae.encode(batch["pixel_values"]).latent_dist.mean
        text = text_encoder(input_ids=batch["input_ids"]).last_hidden_state
    z_t = scheduler.add_noise(z_0, batch["noise"], batch["timesteps"])

    def closure():
        optimizer.zero_grad()
        predicted = unet(sample=z_t, timestep=batch["timesteps"], encoder_hidden_states=text).sample
        loss = torch.nn.MSELoss()(predicted, batch["noise"])
        loss.backward()
        return loss

    return optimizer.step(closure).item()
