"""One row after the other in the table, and the table as it was at the end."""

from typing import Any

import torch


@torch.no_grad()
def inversion_checkpoints(
    unet: Any,
    text_encoder: Any,
    token_id: int,
    rows: torch.Tensor,
    batches: list[dict[str, torch.Tensor]],
    alphas_cumprod: torch.Tensor,
) -> dict[str, Any]:
    """Return the loss, the distance and the nearest word of every checkpoint, and the place of the best one."""
    table = text_encoder.get_input_embeddings().weight
    # step: Keep a copy of the row that the token has now.
    before = table[token_id].clone()
    losses = torch.zeros(rows.shape[:2])
    for r, run in enumerate(rows):
        for k, row in enumerate(run):
            # step: Put the checkpoint into the table.
            # blank: table[token_id] = ____
            table[token_id] = row
            # step: Add up the errors of all pictures, batch by batch.
            errors = []
            for batch in batches:
                abar = alphas_cumprod[batch["timesteps"]][:, None, None, None]
                z_t = abar.sqrt() * batch["latents"] + (1 - abar).sqrt() * batch["noise"]
                states = text_encoder(batch["input_ids"]).last_hidden_state
                noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=states).sample
                errors.append((noise_pred - batch["noise"]).square())
            # step: Take the mean over all of them at once, so that every picture counts the same.
            # blank: losses[r, k] = ____
            losses[r, k] = torch.cat(errors).mean()
    # step: Put the token's own row back.
    table[token_id] = before
    # step: Measure how far each row is from the first of its run.
    # blank: distances = ____
    distances = (rows - rows[:, :1]).norm(dim=-1)
    # step: Compare directions with every word, and leave the token itself out.
    # blank: cosines = ____
    cosines = rows @ table.T / rows.norm(dim=-1, keepdim=True) / table.norm(dim=1)
    cosines[..., token_id] = -torch.inf
    # step: The first of the lowest losses is the best.
    best = int(losses.argmin())
    return {
        "losses": losses,
        "distances": distances,
        "nearest": cosines.argmax(dim=-1),
        "best": divmod(best, losses.shape[1]),
    }
