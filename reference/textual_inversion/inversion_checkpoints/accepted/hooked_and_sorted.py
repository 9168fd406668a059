"""The row is swapped in by a hook on the embedding layer, and the best found by sorting."""

import torch
from torch.nn import functional


def inversion_checkpoints(unet, text_encoder, token_id, rows, batches, alphas_cumprod):
    """Replace what the table gives for the token; ask one picture at a time."""
    embedding = text_encoder.get_input_embeddings()
    pictures = [{key: value[i : i + 1] for key, value in b.items()} for b in batches for i in range(len(b["noise"]))]

    def measure(row):
        def swap(_module, args, output):
            return torch.where((args[0] == token_id)[..., None], row, output)

        hook = embedding.register_forward_hook(swap)
        try:
            with torch.no_grad():
                errors = []
                for one in pictures:
                    abar = alphas_cumprod[int(one["timesteps"])]
                    z_t = torch.lerp(one["latents"] * 0, one["latents"], abar.sqrt()) + (1 - abar).sqrt() * one["noise"]
                    told = text_encoder(one["input_ids"])[0]
                    errors.append(functional.mse_loss(unet(z_t, one["timesteps"], told).sample, one["noise"]))
                return torch.stack(errors).mean()
        finally:
            hook.remove()

    losses = torch.stack([torch.stack([measure(row) for row in run]) for run in rows])
    places = sorted((float(losses[r, k]), r, k) for r in range(len(rows)) for k in range(rows.shape[1]))
    unit = functional.normalize(embedding.weight.detach(), dim=1)
    alike = torch.einsum("rkd,vd->rkv", functional.normalize(rows, dim=2), unit)
    nearest = [
        [next(i for i in one.argsort(descending=True).tolist() if i != token_id) for one in run] for run in alike
    ]
    distances = torch.cdist(rows, rows[:, :1])[..., 0]
    return {"losses": losses, "distances": distances, "nearest": torch.tensor(nearest), "best": places[0][1:]}
