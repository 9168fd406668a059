"""Makes sure the table is trainable, masks gradients on top, prints its progress."""

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
    """Train with belt and braces."""
    text_encoder.train()
    table = text_encoder.get_input_embeddings().weight.requires_grad_()
    keep = torch.zeros(table.shape[0], 1, dtype=torch.bool)
    keep[token_ids] = True
    start = table.detach().clone()
    optimizer = torch.optim.AdamW([{"params": [table]}], lr=learning_rate, betas=(0.9, 0.999), weight_decay=1e-2)
    losses = torch.zeros(len(batches), dtype=torch.float64)
    for i, batch in enumerate(batches):
        optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            z = vae.encode(batch["pixel_values"]).latent_dist.mode() * vae.config.scaling_factor
            a = alphas_cumprod[batch["timesteps"]].view(len(z), 1, 1, 1)
            z = a.sqrt() * z + torch.sqrt(1 - a) * batch["noise"]
        hidden = text_encoder(input_ids=batch["input_ids"]).last_hidden_state
        loss = F.mse_loss(unet(z, batch["timesteps"], encoder_hidden_states=hidden).sample, batch["noise"])
        loss.backward()
        table.grad.masked_fill_(~keep, 0)
        optimizer.step()
        table.data = torch.where(keep, table.data, start)
        losses[i] = loss.detach()
        if i % 10 == 0:
            print(f"step {i}: {losses[i]:.4f}")
    return losses.tolist()
