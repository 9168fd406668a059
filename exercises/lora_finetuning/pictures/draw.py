"""Draws the pictures of the lesson page: `python -m exercises.lora_finetuning.pictures.draw`."""

import copy
from pathlib import Path

from exercises._shared._training import alphas_cumprod
from exercises.lora_finetuning.checks._adapters import adapter_of, put_on
from exercises.lora_finetuning.checks._unets import TARGETS, Twins, own
from grader.diffusion.stable_diffusion import stable_diffusion
from grader.sandbox.wire.handles import Handle
from reference.lora_finetuning._style import LEARNING_RATE, paint, style_batches
from reference.lora_finetuning._training import trained
from tools.pictures import picture_table

FOLDER = Path(__file__).parent
STEPS = 25
SHARES = (0.0, 0.5, 1.0, 1.5)
PROMPTS = ("a red circle", "a blue star", "a green square", "a purple cross", "a yellow ring", "an orange star")

sd = stable_diffusion()


def adapter():
    """Return the weights of an adapter that has learned the style."""
    handle = Handle("unet_with_lora", {"unet": sd.unet, "target_modules": TARGETS, "rank": 4, "alpha": 4, "seed": 0})
    twins = Twins()
    optimizer = twins[Handle("optimizer", {"module": handle, "learning_rate": LEARNING_RATE})]
    frozen = own(sd.vae), own(sd.text_encoder)
    trained(twins[handle], optimizer, *frozen, style_batches(), alphas_cumprod())
    return {name: value.clone() for name, value in adapter_of(twins[handle].state_dict()).items()}


def at(share: float, weights):
    """Return the U-Net with an adapter at a share of its alpha."""
    unet = copy.deepcopy(own(sd.unet))
    put_on(unet, {name: share * value if name.endswith("lora_B") else value for name, value in weights.items()})
    return unet


def main() -> None:
    """Draw the same prompts without and with the adapter, and one adapter at rising alpha."""
    weights = adapter()
    rows = [paint(unet, sd, PROMPTS, seed=3, steps=STEPS) for unet in (own(sd.unet), at(1.0, weights))]
    picture_table(rows, list(PROMPTS), ["without", "with the adapter"]).save(FOLDER / "style.png")

    prompts = ("a red circle", "a blue star on white", "a green square at night")
    columns = [paint(at(share, weights), sd, prompts, seed=5, steps=STEPS) for share in SHARES]
    rows = [list(row) for row in zip(*columns, strict=True)]
    picture_table(rows, [f"alpha {4 * share:g}" for share in SHARES], list(prompts)).save(FOLDER / "alpha.png")


if __name__ == "__main__":
    main()
