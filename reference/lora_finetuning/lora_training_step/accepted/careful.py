"""Freezes once more what is frozen, computes in double precision where it can, returns a tensor."""

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
    vae.requires_grad_(False)
    text_encoder.requires_grad_(False)
    unet.train()
    for p in (p for p in unet.parameters() if p.requires_grad):
        p.grad = None
    abar = alphas_cumprod.double()[batch["timesteps"]][:, None, None, None]
    z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
    z_t = (abar**0.5 * z_0.double() + (1 - abar) ** 0.5 * batch["noise"].double()).float()
    text = text_encoder(batch["input_ids"]).last_hidden_state
    error = unet(z_t, batch["timesteps"], encoder_hidden_states=text)["sample"] - batch["noise"]
    loss = (error * error).sum() / error.numel()
    loss.backward()
    optimizer.step()
    return loss.detach()
