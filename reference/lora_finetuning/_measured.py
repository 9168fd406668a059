"""What an experiment on checkpoints must find: bypasses beside the layers, and noise from diffusers' own scheduler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from exercises.lora_finetuning.checks._checkpoints import Found, Task, first_of_the_least
from exercises.lora_finetuning.checks._unets import own
from grader.diffusion.loading import make_scheduler
from reference.lora_finetuning._hooks import beside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exercises._shared._lora import Adapter
    from exercises._shared._training import Batch


def measured(task: Task) -> Found:
    """Return the losses and the drift of every checkpoint, and which one to keep."""
    alone = _predictions(task, (), task.others)
    trained_on, held_out = (
        [_loss(task, each, batches) for each in task.checkpoints] for batches in (task.trained_on, task.held_out)
    )
    drift = [_squared(_predictions(task, (each,), task.others), alone) for each in task.checkpoints]
    return Found(trained_on, held_out, drift, first_of_the_least(held_out))


def _loss(task: Task, checkpoint: Adapter, batches: list[Batch]) -> float:
    noise = torch.cat([batch["noise"] for batch in batches])
    return _squared(_predictions(task, (checkpoint,), batches), noise)


def _squared(first: torch.Tensor, second: torch.Tensor) -> float:
    return float((first.double() - second.double()).square().mean())


@torch.no_grad()
def _predictions(task: Task, adapters: Iterable[Adapter], batches: list[Batch]) -> torch.Tensor:
    scheduler = make_scheduler("ddim", num_train_timesteps=len(task.alphas_cumprod))
    scheduler.alphas_cumprod = task.alphas_cumprod
    found = []
    with beside(own(task.unet), adapters) as unet:
        for batch in batches:
            noisy = scheduler.add_noise(batch["latents"], batch["noise"], batch["timesteps"])
            found.append(unet(noisy, batch["timesteps"], encoder_hidden_states=batch["text_embeddings"]).sample)
    return torch.cat(found)
