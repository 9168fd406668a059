"""Masks the gradients of the other rows, which is not needed, and puts the rows back, which is."""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it


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
    """Do a step, belt and braces."""
    optimizer.zero_grad()
    table = text_encoder.get_input_embeddings().weight
    keep = torch.isin(torch.arange(len(table)), torch.tensor(token_ids))[:, None]
    with torch.no_grad():
        z_0 = vae.config.scaling_factor * vae.encode(batch["pixel_values"]).latent_dist.mode()
        abar = alphas_cumprod.index_select(0, batch["timesteps"]).reshape(-1, 1, 1, 1)
        z_t = torch.sqrt(abar) * z_0 + torch.sqrt(1.0 - abar) * batch["noise"]
    told = text_encoder(batch["input_ids"]).last_hidden_state
    predicted = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
    loss = F.mse_loss(predicted.float(), batch["noise"].float(), reduction="mean")
    loss.backward()
    table.grad *= keep
    optimizer.step()
    with torch.no_grad():
        table.copy_(torch.where(keep, table, original))
    return loss.detach()
