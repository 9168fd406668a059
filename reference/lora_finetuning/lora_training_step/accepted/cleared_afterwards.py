"""Clears the gradients after the step, and uses torch's own loss."""

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
    pixels, ids, noise, t = (batch[name] for name in ("pixel_values", "input_ids", "noise", "timesteps"))
    latents = vae.encode(pixels).latent_dist.mode().detach() * vae.config.scaling_factor
    hidden = text_encoder(ids)[0]
    abar = alphas_cumprod.gather(0, t).reshape(len(t), 1, 1, 1)
    noisy = torch.sqrt(abar) * latents + torch.sqrt(1 - abar) * noise
    loss = torch.nn.functional.mse_loss(unet(noisy, t, hidden).sample, noise)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return float(loss)
