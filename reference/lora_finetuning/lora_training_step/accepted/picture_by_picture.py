"""One picture at a time, the gradients added up."""

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
    optimizer.zero_grad()
    total = 0.0
    count = len(batch["timesteps"])
    for k in range(count):
        t = int(batch["timesteps"][k])
        with torch.inference_mode():
            mean = vae.encode(batch["pixel_values"][k : k + 1]).latent_dist.mode() * vae.config.scaling_factor
            hidden = text_encoder(batch["input_ids"][k : k + 1]).last_hidden_state
        mean, hidden = mean.clone(), hidden.clone()
        a = float(alphas_cumprod[t])
        noise = batch["noise"][k : k + 1]
        predicted = unet(a**0.5 * mean + (1 - a) ** 0.5 * noise, t, encoder_hidden_states=hidden, return_dict=False)[0]
        part = (predicted - noise).pow(2).mean() / count
        part.backward()
        total += part.item()
    optimizer.step()
    return total
