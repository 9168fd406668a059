"""Another table for the length of a call, by torch.func.functional_call, so that no weight is ever touched."""

import numpy as np
import torch
from torch.func import functional_call


def inversion_checkpoints(unet, text_encoder, token_id, rows, batches, alphas_cumprod):
    """Collect one number for each picture, and take means and places with NumPy."""
    (name,) = [n for n, p in text_encoder.named_parameters() if p is text_encoder.get_input_embeddings().weight]
    table = text_encoder.get_input_embeddings().weight.detach()
    noised = []
    for batch in batches:
        abar = alphas_cumprod[batch["timesteps"]].reshape(-1, 1, 1, 1)
        noised.append(torch.sqrt(abar) * batch["latents"] + torch.sqrt(1 - abar) * batch["noise"])

    @torch.inference_mode()
    def loss(row):
        changed = torch.cat([table[:token_id], row[None], table[token_id + 1 :]])
        errors = []
        for batch, z_t in zip(batches, noised, strict=True):
            states = functional_call(text_encoder, {name: changed}, (batch["input_ids"],)).last_hidden_state
            noise_pred = unet(z_t, batch["timesteps"], encoder_hidden_states=states).sample
            errors.extend(((noise_pred - batch["noise"]) ** 2).mean(dim=(1, 2, 3)).tolist())
        return float(np.mean(errors))

    losses = np.array([[loss(row) for row in run] for run in rows], dtype=np.float32)
    others = np.delete(np.arange(len(table)), token_id)
    words = table.numpy()[others]
    flat = rows.reshape(-1, rows.shape[-1]).numpy()
    cosines = flat @ words.T / np.linalg.norm(flat, axis=1)[:, None] / np.linalg.norm(words, axis=1)
    r, k = np.unravel_index(losses.argmin(), losses.shape)
    return {
        "losses": torch.from_numpy(losses),
        "distances": torch.stack([torch.linalg.vector_norm(run - run[0], dim=1) for run in rows]),
        "nearest": torch.from_numpy(others[cosines.argmax(axis=1)].reshape(losses.shape)),
        "best": (int(r), int(k)),
    }
