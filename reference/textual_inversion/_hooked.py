"""What the project must find: one picture after the other, with the adapter as bypasses beside the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from exercises.textual_inversion.checks import _embeddings
from exercises.textual_inversion.checks._both_ways import Found, Task
from exercises.textual_inversion.checks._measured_networks import table_of
from grader.diffusion.loading import load, make_scheduler
from reference.lora_finetuning._hooks import beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exercises._shared._lora import Adapter
    from exercises._shared._training import Batch


def asked(task: Task) -> Found:
    """Return what the project must find."""
    start = table_of(task.text_encoder)[task.token_id]
    settings: list[list[tuple[torch.Tensor, Adapter]]] = [
        [(start + strength * (task.row - start), {}) for strength in task.strengths],
        [
            (start, {layer: (a, b, strength * alpha) for layer, (a, b, alpha) in task.adapter.items()})
            for strength in task.strengths
        ],
    ]
    before = _predictions(task, task.others, start, {})
    true = _noises(task.shown)
    losses, drifts = torch.zeros(2, len(task.strengths)), torch.zeros(2, len(task.strengths))
    for way, chosen in enumerate(settings):
        for place, (row, adapter) in enumerate(chosen):
            losses[way, place] = (_predictions(task, task.shown, row, adapter) - true).square().mean()
            drifts[way, place] = (_predictions(task, task.others, row, adapter) - before).abs().mean()
    numbers = [len(task.row), sum(a.numel() + b.numel() for a, b, _ in task.adapter.values())]
    return Found([float(number) for number in numbers], losses, drifts)


def _noises(batches: Sequence[Batch]) -> torch.Tensor:
    return torch.cat([batch["noise"] for batch in batches]).double()


@torch.no_grad()
def _predictions(
    task: Task,
    batches: Sequence[Batch],
    row: torch.Tensor,
    adapter: Adapter,
) -> torch.Tensor:
    """Return what the U-Net predicts for every picture, in double precision."""
    scheduler, table = make_scheduler("ddim"), table_of(task.text_encoder).clone()
    scheduler.alphas_cumprod = task.alphas_cumprod
    table[task.token_id] = row
    encoder, found = _embeddings.own_text_encoder(table), []
    with beside(load().unet, [adapter]) as unet:
        for batch in batches:
            for index in range(len(batch["latents"])):
                one = {key: value[[index]] for key, value in batch.items()}
                noisy = scheduler.add_noise(one["latents"], one["noise"], one["timesteps"])
                told = encoder(one["input_ids"]).last_hidden_state
                found.append(unet(noisy, one["timesteps"], encoder_hidden_states=told).sample)
    return torch.cat(found).double()
