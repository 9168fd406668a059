"""A new optimizer is made in every step, and the one that was given is not used.

AdamW remembers the gradients of earlier steps, and the learning rate was chosen where the optimizer was made. A new one
starts without memory, here at torch's usual 0.001.
"""

from typing import Any

import torch

CAUGHT_BY = "test_adapter_moves_one_step"


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
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    optimizer = torch.optim.AdamW([p for p in unet.parameters() if p.requires_grad])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
