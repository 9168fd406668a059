"""Clears the gradients after the step, and puts the learned rows into a copy of the original."""

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
    """Do a step, with other algebra."""
    pixels, ids, noise, t = (batch[key] for key in ("pixel_values", "input_ids", "noise", "timesteps"))
    latents = vae.encode(pixels).latent_dist.mode() * vae.config.scaling_factor
    signal = torch.stack([alphas_cumprod[i].sqrt() for i in t]).view(-1, 1, 1, 1)
    noisy = signal * latents + (1 - signal**2).sqrt() * noise
    prediction = unet(noisy, t, text_encoder(ids)[0], return_dict=False)[0]
    loss = (prediction - noise).pow(2).mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    table = text_encoder.get_input_embeddings().weight
    restored = original.clone()
    restored[token_ids] = table.detach()[token_ids]
    table.data.copy_(restored)
    return float(loss.detach())
