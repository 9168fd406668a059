"""Records what public checks of training expect: `python -m reference._record_numbers`.

The public helper modules `_recorded.py` read the files that this writes beside them. They hold numbers for pinned
batches, so that no function that computes a training loss need stand where students read it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import save

from exercises._shared._training import alphas_cumprod
from exercises.from_pixels_to_latents.checks import _latents
from exercises.lora_finetuning.checks import _target_modules
from exercises.lora_finetuning.checks import _training as lora
from exercises.lora_finetuning.checks._unets import Twins, own, untrained_unet
from exercises.textual_inversion.checks import _embeddings, _long_run
from exercises.textual_inversion.checks import _training as inversion
from grader.checks.recorded import SUFFIX
from grader.diffusion.stable_diffusion import stable_diffusion
from reference.from_pixels_to_latents import _training as latents_oracle
from reference.lora_finetuning import _training as lora_oracle
from reference.textual_inversion import _training as inversion_oracle

if TYPE_CHECKING:
    from grader.diffusion.stable_diffusion import StableDiffusion

EXERCISES = Path(__file__).parents[1] / "exercises"
WATCHED = ("conv_in.weight", "time_embedding.linear_1.bias", "conv_out.weight")


def latents(sd: StableDiffusion) -> dict[str, torch.Tensor]:
    """Return losses and gradients of single training steps on the model that draws."""
    found = {}
    for timestep in (800, 60):
        found[f"alone/{timestep}"] = latents_oracle.training_loss(**_latents.training_step(sd, (timestep,)))
    three = _latents.training_step(sd, (800, 20, 300), seed=1)
    alone = [
        latents_oracle.training_loss(**{n: v if n == "alphas_cumprod" else v[[i]] for n, v in three.items()})
        for i in range(3)
    ]
    found["three"] = torch.stack(alone).mean()
    gradients = latents_oracle.unet_gradients(WATCHED, **_latents.training_step(sd, seed=3))
    return found | {f"gradients/{name}": value for name, value in gradients.items()}


def lora_finetuning(sd: StableDiffusion) -> dict[str, torch.Tensor]:
    """Return losses of an adapter's first steps, the adapter after them, and gradients in bare weights."""
    training, alphas = lora.training_of(sd), alphas_cumprod()
    found: dict[str, torch.Tensor] = {}
    for steps, name in ((1, "after_one_step"), (2, "after_two_steps")):
        losses, adapter = lora_oracle.run(training, lora.pairs(steps), alphas)
        found |= {f"{name}/{module}": value for module, value in adapter.items()}
        found["step_losses"] = torch.tensor(losses, dtype=torch.float64)
    bare, losses = untrained_unet(), []
    modules = _target_modules.due_modules(bare)
    for index, batch in enumerate(lora.ones_and_twos()):
        unet = Twins()[bare]
        loss = lora_oracle.training_loss(unet, own(sd.vae), own(sd.text_encoder), batch, alphas)
        loss.backward()  # type: ignore[no-untyped-call]
        losses.append(loss.item())
        found |= {f"gradients/{index}/{name}": unet.get_parameter(f"{name}.weight").grad for name in modules}
    return found | {"untrained_losses": torch.tensor(losses, dtype=torch.float64)}


def textual_inversion(_sd: StableDiffusion) -> dict[str, torch.Tensor]:
    """Return losses of batches that tell pictures with a new word, before any training."""
    table = _embeddings.trained_table()
    weak = inversion.small_batches(2, seed=1, timesteps=inversion.WEAK_NOISE)
    first, *_ = inversion.small_batches(3, seed=21, timesteps=inversion.WEAK_NOISE)
    numbers = {
        "weak_noise": [inversion_oracle.noise_loss(batch, table) for batch in weak],
        "first": inversion_oracle.noise_loss(first, table),
        "held_out": inversion_oracle.held_out_loss(_long_run.start_table()),
    }
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in numbers.items()}


LESSONS = {
    "from_pixels_to_latents": latents,
    "lora_finetuning": lora_finetuning,
    "textual_inversion": textual_inversion,
}


def file_of(lesson: str) -> Path:
    """Return the file in which the numbers of a lesson's checks are recorded."""
    return (EXERCISES / lesson / "checks" / "_recorded").with_suffix(SUFFIX)


def main() -> None:
    """Record the numbers of every lesson that has any."""
    sd = stable_diffusion()
    for lesson, compute in LESSONS.items():
        numbers = {name: value.detach().contiguous() for name, value in compute(sd).items()}
        file_of(lesson).write_bytes(save(numbers))
        print(f"{lesson}: {sum(value.numel() for value in numbers.values())} numbers")


if __name__ == "__main__":
    main()
