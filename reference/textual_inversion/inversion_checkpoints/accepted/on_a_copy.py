"""A copy of the text encoder, in which the rows may be written, and losses added up number by number."""

import copy

import torch


def inversion_checkpoints(unet, text_encoder, token_id, rows, batches, alphas_cumprod):
    """Loop over runs and checkpoints with lists, and turn them into tensors at the end."""
    encoder = copy.deepcopy(text_encoder)
    words = text_encoder.get_input_embeddings().weight.detach()
    losses, distances, nearest = [], [], []
    best = None
    for r in range(rows.shape[0]):
        losses.append([])
        distances.append([])
        nearest.append([])
        for k in range(rows.shape[1]):
            row = rows[r, k]
            encoder.get_input_embeddings().weight.data[token_id] = row
            total, count = 0.0, 0
            for batch in batches:
                t = batch["timesteps"]
                abar = alphas_cumprod[t][:, None, None, None]
                z_t = abar**0.5 * batch["latents"] + (1 - abar) ** 0.5 * batch["noise"]
                with torch.no_grad():
                    states = encoder(batch["input_ids"]).last_hidden_state
                    noise_pred = unet(z_t, t, encoder_hidden_states=states).sample
                total += float(((noise_pred - batch["noise"]) ** 2).double().sum())
                count += noise_pred.numel()
            losses[r].append(total / count)
            distances[r].append(float((row - rows[r, 0]).pow(2).sum().sqrt()))
            alike = torch.cosine_similarity(row[None], words)
            alike[token_id] = -2
            nearest[r].append(int(alike.argmax()))
            if best is None or losses[r][k] < losses[best[0]][best[1]]:
                best = (r, k)
    return {
        "losses": torch.tensor(losses),
        "distances": torch.tensor(distances),
        "nearest": torch.tensor(nearest),
        "best": best,
    }
