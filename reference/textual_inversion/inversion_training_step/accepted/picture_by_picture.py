"""Goes through the batch picture by picture, and adds up the gradients of one batch."""

from typing import Any

import torch


def inversion_training_step(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    optimizer: Any,
    batch: dict[str, torch.Tensor],
    token_ids: list[int],
    original: torch.Tensor,
    alphas_cumprod: torch.Tensor,
) -> float:
    """Do a step in parts."""
    optimizer.zero_grad()
    total, count = 0.0, len(batch["timesteps"])
    for i in range(count):
        t, noise = batch["timesteps"][i : i + 1], batch["noise"][i : i + 1]
        abar = alphas_cumprod[int(t)]
        z_0 = vae.encode(batch["pixel_values"][i : i + 1]).latent_dist.mode() * vae.config.scaling_factor
        z_t = abar**0.5 * z_0 + (1 - abar) ** 0.5 * noise
        told = text_encoder(batch["input_ids"][i : i + 1]).last_hidden_state
        loss = ((unet(z_t, t, encoder_hidden_states=told).sample - noise) ** 2).mean() / count
        loss.backward()
        total += loss.item()
    optimizer.step()
    table = text_encoder.get_input_embeddings().weight
    for row in range(len(table)):
        if row not in token_ids:
            table.data[row] = original[row]
    return total
