"""The gradients of the other rows are set to zero, and the rows are not put back.

AdamW's weight decay moves rows whose gradient is zero: a little in every step. Put the rows back.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_only_the_trained_rows_move"


def train_embedding(
    unet: Any,
    vae: Any,
    text_encoder: Any,
    batches: list[dict[str, torch.Tensor]],
    token_ids: list[int],
    alphas_cumprod: torch.Tensor,
    learning_rate: float,
) -> list[float]:
    """Train along masked gradients."""
    table = text_encoder.get_input_embeddings().weight
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
        table.grad[others] = 0
        optimizer.step()
        losses.append(loss.item())
    return losses
