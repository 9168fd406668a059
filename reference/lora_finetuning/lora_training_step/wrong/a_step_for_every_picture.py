"""The optimizer takes a step for every picture of the batch.

A batch gives one gradient, the mean over its pictures, and one step. With a step for each picture, the second one
starts from an adapter that the first has moved already.
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
    """Step once for each picture."""
    noise, timesteps = batch["noise"], batch["timesteps"]
    with torch.no_grad():
        z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        text = text_encoder(batch["input_ids"]).last_hidden_state
    alpha_bar = alphas_cumprod[timesteps].view(-1, 1, 1, 1)
    z_t = alpha_bar.sqrt() * z_0 + (1 - alpha_bar).sqrt() * noise
    each = []
    for i in range(len(z_t)):
        noise_pred = unet(z_t[i : i + 1], timesteps[i : i + 1], encoder_hidden_states=text[i : i + 1]).sample
        loss = torch.mean((noise_pred - noise[i : i + 1]) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        each.append(loss.item())
    return sum(each) / len(each)
