"""The table is left with the last checkpoint in it: its own row is not put back, or was never copied.

Keep the row before the first checkpoint is written, and write it back at the end. `table[token_id]` alone is a view: it
changes with every checkpoint, and without `.clone()` what is put back is the last one.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone calls it

CAUGHT_BY = "test_all_weights_are_as_before"


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
    before = table[token_id]
    losses = torch.zeros(rows.shape[:2])
    for r, run in enumerate(rows):
        for k, row in enumerate(run):
            table[token_id] = row
            errors = []
            for batch in batches:
                abar = alphas_cumprod[batch["timesteps"]].view(-1, 1, 1, 1)
                z_t = abar.sqrt() * batch["latents"] + (1 - abar).sqrt() * batch["noise"]
                states = text_encoder(batch["input_ids"]).last_hidden_state
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
