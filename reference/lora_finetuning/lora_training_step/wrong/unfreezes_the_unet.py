"""All weights of the U-Net are made trainable.

"The pass through the U-Net needs gradients" does not mean that its own weights do: autograd follows the way to the
adapter's numbers through frozen weights, too. Unfrozen ones only cost memory and time, for gradients that nobody uses.
"""

from typing import Any

import torch

CAUGHT_BY = "test_everything_else_stays"


def lora_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    alphas_cumprod: torch.Tensor,
) -> float:
    """Train the adapter on one batch, and return the loss."""
    unet.requires_grad_(True)
    noise, timesteps = batch["noise"], batch["timesteps"]
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"]).last_hidden_state
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
