"""The whole U-Net is unfrozen and trained along.

The point of an adapter is that the base stays what it is: a few thousand numbers are trained and stored, and they can
be taken off again.
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
    noise, timesteps = batch["noise"], batch["timesteps"]
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"]).last_hidden_state
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    noise_pred = unet(z_t, timesteps, encoder_hidden_states=text).sample
    loss = torch.mean((noise_pred - noise) ** 2)
    unet.requires_grad_(True)
    known = {id(p) for group in optimizer.param_groups for p in group["params"]}
    rest = [p for p in unet.parameters() if id(p) not in known]
    if rest:
        optimizer.add_param_group({"params": rest})
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
