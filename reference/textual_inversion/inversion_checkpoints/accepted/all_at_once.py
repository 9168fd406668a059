"""All rows in one batch of the U-Net, where equal rows may differ by rounding; means in double precision."""

import torch


@torch.no_grad()
def inversion_checkpoints(unet, text_encoder, token_id, rows, batches, alphas_cumprod):
    """Repeat each batch for every row, and take the mean over pictures at the end."""
    table = text_encoder.get_input_embeddings().weight
    kept, flat = table[token_id].clone(), rows.flatten(0, 1)
    errors = []
    for batch in batches:
        told = []
        for row in flat:
            table[token_id] = row
            told.append(text_encoder(batch["input_ids"]).last_hidden_state)
        abar = alphas_cumprod[batch["timesteps"]].view(-1, 1, 1, 1)
        z_t = abar.sqrt() * batch["latents"] + (1 - abar).sqrt() * batch["noise"]
        timesteps, times = batch["timesteps"].repeat(len(flat)), (len(flat), 1, 1, 1)
        noise_pred = unet(z_t.repeat(times), timesteps, encoder_hidden_states=torch.cat(told)).sample
        error = (noise_pred - batch["noise"].repeat(times)).double().square().mean(dim=(1, 2, 3))
        errors.append(error.view(len(flat), -1))
    table[token_id] = kept
    losses = torch.cat(errors, dim=1).mean(dim=1).float()
    cosines = torch.cosine_similarity(flat[:, None], table[None], dim=-1)
    cosines[:, token_id] = -2
    shape = rows.shape[:2]
    return {
        "losses": losses.view(shape),
        "distances": torch.linalg.vector_norm(rows - rows[:, :1], dim=-1),
        "nearest": cosines.argmax(dim=1).view(shape),
        "best": tuple(int(place) for place in torch.unravel_index(losses.argmin(), shape)),
    }
