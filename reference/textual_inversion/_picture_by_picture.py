"""What the experiment with checkpoints must find, one picture after the other, by diffusers' own scheduler."""

from __future__ import annotations

import torch

from exercises.textual_inversion.checks import _checkpoints as shown
from exercises.textual_inversion.checks import _embeddings, _similar_rows
from exercises.textual_inversion.checks._measured_networks import table_of
from grader.diffusion.loading import load, make_scheduler


@torch.no_grad()
def losses(task: shown.Task) -> torch.Tensor:
    """Return the losses `[R, K]` of an experiment, picture by picture, as diffusers' own scheduler adds noise."""
    scheduler = make_scheduler("ddim")
    scheduler.alphas_cumprod = task.alphas_cumprod
    unet, table = load().unet, table_of(task.text_encoder).clone()
    pictures = [
        {key: value[[index]] for key, value in batch.items()}
        for batch in task.batches
        for index in range(len(batch["latents"]))
    ]
    found = []
    for row in task.rows.flatten(0, 1):
        table[task.token_id] = row
        encoder = _embeddings.own_text_encoder(table)
        errors = []
        for one in pictures:
            noisy = scheduler.add_noise(one["latents"], one["noise"], one["timesteps"])
            told = encoder(one["input_ids"]).last_hidden_state
            predicted = unet(noisy, one["timesteps"], encoder_hidden_states=told).sample
            errors.append((predicted.double() - one["noise"].double()).square().mean())
        found.append(torch.stack(errors).mean())
    return torch.stack(found).reshape(task.rows.shape[:2]).float()


def asked(task: shown.Task) -> shown.Found:
    """Return what the experiment must find."""
    its_losses = losses(task)
    table = table_of(task.text_encoder)
    others = [index for index in range(len(table)) if index != task.token_id]
    nearest = [others[int(_similar_rows.cosines(row, table[others]).argmax())] for row in task.rows.flatten(0, 1)]
    distances = torch.stack([torch.cdist(run[:1].double(), run.double())[0] for run in task.rows])
    places = torch.tensor(nearest).reshape(its_losses.shape)
    return shown.Found(its_losses, distances.float(), places, shown.first_of_the_least(its_losses))
