"""The losses are tensors instead of floats.

A tensor is not a float. Unless it is detached, it also holds on to the graph of its computation, so a list of losses
keeps something of every batch in memory. `loss.item()` is the number alone.
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
    """Train the table, and keep all of it but the new rows."""
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
        losses.append(loss)
    return losses
