"""The losses are kept as tensors.

A tensor is not a float: it keeps its graph alive, or at least cannot be written to a file of numbers. loss.item() is
its number.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_one_loss_a_batch"


def train_embedding(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    token_ids: list[int],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Collect tensors without their graphs."""
    table = text_encoder.get_input_embeddings().weight
    original = table.detach().clone()
    others = torch.ones(len(table), dtype=torch.bool)
    others[token_ids] = False
    optimizer = torch.optim.AdamW([table], lr=learning_rate)
    losses = []
    for batch in batches:
        with torch.no_grad():
            z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
        z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
        told = text_encoder(batch["input_ids"]).last_hidden_state
        noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
        loss = F.mse_loss(noise_pred, batch["noise"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            table[others] = original[others]
        losses.append(loss.detach())
    return losses
