"""All pictures are noised by the alpha-bar of the first one.

The U-Net is told each picture's own timestep, and sees another: with timesteps 100 and 900 in the batch, the second
picture has the little noise of timestep 100. Look alpha-bar up for every picture, and give it the shape [B, 1, 1, 1].
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
    alpha_bar = alphas_cumprod[timesteps[0]]
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
