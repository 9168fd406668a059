"""Which exercises are measured, with which inputs, and the pipeline that each of them equals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.checks.model import PROMPTS, half_mask
from grader.diffusion.stable_diffusion import GUIDANCE_SCALE

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from grader.course import Exercise
    from grader.diffusion.stable_diffusion import StableDiffusion
    from grader.diffusion.tolerances import Quantity

STRENGTH = 0.65
MASK_STRENGTH = 0.9
_NOISE_SEED = 100

COMPONENT = object()  # stands for a component of the model, or a scheduler, by the name of its argument


@dataclass(frozen=True)
class Trial:
    """One exercise on one input: a number of steps (0 where there are none), a sampler, a seed."""

    exercise: Exercise
    steps: int
    kind: str
    seed: int


@dataclass(frozen=True)
class Measurement:
    """How an exercise is called, and what the pipeline makes of the same."""

    quantity: Quantity
    in_steps: bool
    inputs: Callable[[StableDiffusion, Trial], dict[str, Any]]
    oracle: Callable[[StableDiffusion, Trial], Any]


def _prompt(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    return sd.prompt(PROMPTS[trial.seed % len(PROMPTS)], GUIDANCE_SCALE)


def _start(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    run = {"z_0": sd.latents(trial.seed), "noise": sd.noise(trial.seed + _NOISE_SEED)}
    return {**run, "strength": STRENGTH, "num_inference_steps": trial.steps, **_prompt(sd, trial)}


def _masked(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    return {**_start(sd, trial), "strength": MASK_STRENGTH, "mask": half_mask(sd)}


def _text(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    latents = sd.noise(trial.seed + _NOISE_SEED)
    return {"latents": latents, "num_inference_steps": trial.steps, "guidance_scale": GUIDANCE_SCALE}


def _loop(**more: Any) -> dict[str, Any]:
    return {"unet": COMPONENT, "scheduler": COMPONENT, **more}


def _pipelines_picture(sd: StableDiffusion, trial: Trial) -> Image:
    return sd.decode(sd.text_to_image(**_text(sd, trial), **_only(_prompt(sd, trial)), kind=trial.kind))


def _only(prompt: dict[str, Any]) -> dict[str, Any]:
    return {"text_embeddings": prompt["text_embeddings"]}


MEASURED = {
    "img2img": Measurement(
        "latents",
        True,
        lambda sd, trial: _loop(**_start(sd, trial)),
        lambda sd, trial: sd.img2img(**_start(sd, trial), kind=trial.kind),
    ),
    "inpaint": Measurement(
        "latents",
        True,
        lambda sd, trial: _loop(**_masked(sd, trial)),
        lambda sd, trial: sd.inpaint(**_masked(sd, trial), kind=trial.kind),
    ),
    "text_to_image": Measurement(
        "picture",
        True,
        lambda sd, trial: _loop(
            tokenizer=COMPONENT,
            text_encoder=COMPONENT,
            vae=COMPONENT,
            prompt=PROMPTS[trial.seed % len(PROMPTS)],
            **_text(sd, trial),
        ),
        _pipelines_picture,
    ),
    "encode_image": Measurement(
        "encoded",
        False,
        lambda sd, trial: {"vae": COMPONENT, "image": sd.picture(seed=trial.seed)},
        lambda sd, trial: sd.encode(sd.picture(seed=trial.seed)),
    ),
    "decode_latents": Measurement(
        "picture",
        False,
        lambda sd, trial: {"vae": COMPONENT, "latents": sd.latents(trial.seed)},
        lambda sd, trial: sd.decode(sd.latents(trial.seed)),
    ),
}
