"""One optimizer, one pass, the rows put back after every step."""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it


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
    # step: Keep a copy of the table, and mark the rows that are to stay.
    # blank: original = ____
    original = table.detach().clone()
    others = torch.ones(len(table), dtype=torch.bool)
    others[token_ids] = False
    # step: Make one optimizer for the table alone, before the first batch.
    # blank: optimizer = ____
    optimizer = torch.optim.AdamW([table], lr=learning_rate)
    losses = []
    # step: For each batch:
    for batch in batches:
        # step: Encode the pictures without gradients, and noise the latents.
        with torch.no_grad():
            z_0 = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
        abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
        # blank: z_t = ____
        z_t = abar.sqrt() * z_0 + (1 - abar).sqrt() * batch["noise"]
        # step: Encode the prompts, with gradients, and compare the predicted noise with the true one.
        told = text_encoder(batch["input_ids"]).last_hidden_state
        noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=told).sample
        loss = F.mse_loss(noise_pred, batch["noise"])
        # step: Take a step, put the other rows back, and keep the loss.
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            # blank: table[____] = ____
            table[others] = original[others]
        losses.append(loss.item())
    return losses
