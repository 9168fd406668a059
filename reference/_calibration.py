"""Which exercises of this course `grade calibrate` measures, with which inputs, and the pipeline that each equals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exercises._shared._model import PROMPTS, half_mask
from grader.authoring.calibration_inputs import COMPONENT, Measurement, Trial
from grader.diffusion.stable_diffusion import GUIDANCE_SCALE

if TYPE_CHECKING:
    from PIL.Image import Image

    from grader.diffusion.stable_diffusion import StableDiffusion

STRENGTH = 0.65
MASK_STRENGTH = 0.9
_NOISE_SEED = 100


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
