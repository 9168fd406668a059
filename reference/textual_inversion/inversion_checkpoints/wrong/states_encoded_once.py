"""The captions are encoded once, before any checkpoint is in the table, so every loss of a batch is the same.

The row acts through the text encoder alone. Whoever changes it must encode the captions anew.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_losses_of_real_runs"


@torch.no_grad()
def inversion_checkpoints(
    unet: Any,
    text_encoder: Any,
    token_id: int,
    rows: torch.Tensor,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return losses, distances, nearest words and the best checkpoint."""
    table = text_encoder.get_input_embeddings().weight
    before = table[token_id].clone()
    losses = torch.zeros(rows.shape[:2])
    told = [text_encoder(batch["input_ids"]).last_hidden_state for batch in batches]
    for r, run in enumerate(rows):
        for k, row in enumerate(run):
            table[token_id] = row
            errors = []
            for batch, states in zip(batches, told, strict=True):
                abar = alphas_cumprod[batch["timesteps"]].view(-1, 1, 1, 1)
                z_t = abar.sqrt() * batch["latents"] + (1 - abar).sqrt() * batch["noise"]
                noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=states).sample
                errors.append((noise_pred - batch["noise"]).square())
            losses[r, k] = torch.cat(errors).mean()
    table[token_id] = before
    distances = (rows - rows[:, :1]).norm(dim=-1)
    cosines = F.normalize(rows, dim=-1) @ F.normalize(table, dim=-1).T
    cosines[..., token_id] = -2.0
    nearest = cosines.argmax(dim=-1)
    best = divmod(int(losses.argmin()), losses.shape[1])
    return {"losses": losses, "distances": distances, "nearest": nearest, "best": best}
