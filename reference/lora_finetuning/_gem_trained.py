"""Trains the adapter of the experiment on checkpoints: `python -m reference.lora_finetuning._gem_trained`.

It sees three pictures of one thing, for far too long. Writes the checkpoints, and what is measured with them, beside
`exercises/lora_finetuning/checks/_checkpoints.py`, and prints the numbers.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save

from exercises._shared._training import alphas_cumprod
from exercises.lora_finetuning.checks import _checkpoints as saved
from exercises.lora_finetuning.checks._adapters import ALPHA, RANK, adapter_of
from exercises.lora_finetuning.checks._training import batch_of
from exercises.lora_finetuning.checks._unets import TARGETS, Twins, own
from grader.atomic import write_atomically
from grader.checks.recorded import SUFFIX
from grader.diffusion.stable_diffusion import StableDiffusion, stable_diffusion
from grader.sandbox.wire.handles import Handle
from reference.lora_finetuning._measured import measured
from reference.lora_finetuning._training import trained

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(saved.__file__).with_suffix(SUFFIX)
LEARNING_RATE = 1e-2


def checkpoints(sd: StableDiffusion, seed: int = 1) -> Iterator[dict[str, torch.Tensor]]:
    """Train on all the pictures in every step, and yield the adapter's weights wherever a checkpoint is saved."""
    placed = {"target_modules": TARGETS, "rank": RANK, "alpha": ALPHA, "seed": seed}
    handle = Handle("unet_with_lora", {"unet": sd.unet, **placed})
    twins = Twins()
    optimizer = twins[Handle("optimizer", {"module": handle, "learning_rate": LEARNING_RATE})]
    frozen = own(sd.vae), own(sd.text_encoder)
    examples = saved.gems(saved.PICTURES, saved.TRAINING)
    for start, stop in pairwise((0, *saved.STEPS)):
        batches = [batch_of(examples, seed=10_000 * seed + step) for step in range(start, stop)]
        trained(twins[handle], optimizer, *frozen, batches, alphas_cumprod())
        yield {name: value.clone().contiguous() for name, value in adapter_of(twins[handle].state_dict()).items()}


def main() -> None:
    """Train, record the checkpoints with what is measured, and print the numbers."""
    sd = stable_diffusion()
    numbers: dict[str, torch.Tensor] = {}
    for steps, weights in zip(saved.STEPS, checkpoints(sd), strict=True):
        numbers |= {f"{steps}/{place}": value for place, value in weights.items()}
    write_atomically(FILE, save(numbers))
    saved.recorded.cache_clear()
    tasks = {"gem": saved.trained_task(sd), "small": saved.small_task()}
    for of, task in tasks.items():
        for label, its in ((of, task), (f"{of} without an adapter", task._replace(checkpoints=[{}]))):
            found = measured(its)
            print(label, *(f"{name} {[round(n, 4) for n in getattr(found, name)]}" for name in saved.MEASURED))
            numbers |= {
                f"measured/{label}/{name}": torch.tensor(getattr(found, name), dtype=torch.float64)
                for name in saved.MEASURED
            }
    write_atomically(FILE, save(numbers))


if __name__ == "__main__":
    main()
