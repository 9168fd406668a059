"""All pictures get the caption of the first one.

Every picture of the batch has its own caption. Encode all of input_ids, and give the U-Net one text for each picture.
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
    """Encode one caption."""
    noise, timesteps = batch["noise"], batch["timesteps"]
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"][:1]).last_hidden_state.expand(len(noise), -1, -1)
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
