"""Which exercises of this course `grade calibrate` measures, with which inputs, and the pipeline that each equals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from exercises._shared._model import PROMPTS, half_mask
from exercises._shared._training import alphas_cumprod, input_ids
from exercises.from_pixels_to_latents.checks._latents import training_step
from exercises.lora_finetuning.checks._adapters import adapter_of
from exercises.lora_finetuning.checks._unets import TARGETS, Twins
from grader.authoring.calibration_inputs import COMPONENT, Measurement, Trial
from grader.diffusion import loading
from grader.diffusion.stable_diffusion import GUIDANCE_SCALE
from grader.sandbox.wire.handles import Handle
from reference._shared import _real, _training
from reference.lora_finetuning._training import trained

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


WATCHED = ["conv_in.bias", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", "conv_out.bias"]
_WATCHED_UNET = Handle("unet", {"trainable": WATCHED, "checkpointing": True})
_TIMESTEPS = ((700, 90), (250, 950), (500, 30))


def _loss(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    given = training_step(sd, _TIMESTEPS[trial.seed % len(_TIMESTEPS)], seed=trial.seed)
    return {**given, "alphas_cumprod": alphas_cumprod()}


def _loss_oracle(sd: StableDiffusion, trial: Trial, unet: Any) -> torch.Tensor:
    given = _loss(sd, trial)
    batch = {"pixel_values": given["image"], "noise": given["noise"], "timesteps": given["timesteps"]}
    vae = loading.load().vae
    return _training.training_loss(unet, vae, given["text_embeddings"], batch, given["alphas_cumprod"])


def _loss_gradients(sd: StableDiffusion, trial: Trial) -> torch.Tensor:
    unet = Twins()[_WATCHED_UNET]
    return _gradients(_loss_oracle(sd, trial, unet), unet)


def _gradients(loss: torch.Tensor, unet: Any) -> torch.Tensor:
    """Return the gradients of the watched parameters one after the other, each divided by its largest number."""
    loss.backward()  # type: ignore[no-untyped-call]
    found = [unet.get_parameter(name).grad for name in WATCHED]
    return torch.cat([(each / each.abs().max()).double().cpu().flatten() for each in found])


_LORA = Handle(
    "unet_with_lora",
    {"unet": _real.UNET, "target_modules": TARGETS, "rank": 4, "alpha": 4, "seed": 1, "b_spread": 0.02},
)


def _lora_step(sd: StableDiffusion, trial: Trial) -> dict[str, Any]:
    batch = _real.batch(sd, input_ids(PROMPTS[:2]), seed=trial.seed)
    models = {"unet": _LORA, "vae": _real.VAE, "text_encoder": Handle("text_encoder", {"trainable": []})}
    return {**models, "optimizer": _real.optimizer(_LORA), "batch": batch, "alphas_cumprod": alphas_cumprod()}


def _lora_moves(sd: StableDiffusion, trial: Trial) -> torch.Tensor:
    twins, given = Twins(), _lora_step(sd, trial)
    unet, optimizer, vae, encoder = (twins[given[name]] for name in ("unet", "optimizer", "vae", "text_encoder"))
    trained(unet, optimizer, vae, encoder, [given["batch"]], given["alphas_cumprod"])
    return _adapter_moves(twins[_LORA])


def _adapter_moves(unet: Any) -> torch.Tensor:
    """Return how an adapter has moved from its start, its A and its B each divided by its largest number."""
    before, after = adapter_of(Twins()[_LORA].state_dict()), adapter_of(unet.state_dict())
    sides = [
        torch.cat([(after[name] - before[name]).double().cpu().flatten() for name in before if name.endswith(side)])
        for side in (".lora_A", ".lora_B")
    ]
    return torch.cat([side / side.abs().max() for side in sides])


MEASURED = {
    "img2img": (
        Measurement(
            "latents",
            True,
            lambda sd, trial: _loop(**_start(sd, trial)),
            lambda sd, trial: sd.img2img(**_start(sd, trial), kind=trial.kind),
        ),
    ),
    "inpaint": (
        Measurement(
            "latents",
            True,
            lambda sd, trial: _loop(**_masked(sd, trial)),
            lambda sd, trial: sd.inpaint(**_masked(sd, trial), kind=trial.kind),
        ),
    ),
    "text_to_image": (
        Measurement(
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
    ),
    "encode_image": (
        Measurement(
            "encoded",
            False,
            lambda sd, trial: {"vae": COMPONENT, "image": sd.picture(seed=trial.seed)},
            lambda sd, trial: sd.encode(sd.picture(seed=trial.seed)),
        ),
    ),
    "decode_latents": (
        Measurement(
            "picture",
            False,
            lambda sd, trial: {"vae": COMPONENT, "latents": sd.latents(trial.seed)},
            lambda sd, trial: sd.decode(sd.latents(trial.seed)),
        ),
    ),
    "latent_training_loss": (
        Measurement(
            "loss",
            False,
            lambda sd, trial: {"unet": _real.UNET, "vae": _real.VAE, **_loss(sd, trial)},
            lambda sd, trial: _loss_oracle(sd, trial, Twins()[_real.UNET]).detach(),
            lambda result, _given: result.detach(),
            ("test_equals_the_formula", "test_every_picture_has_its_own_timestep"),
        ),
        Measurement(
            "gradients",
            False,
            lambda sd, trial: {"unet": _WATCHED_UNET, "vae": _real.VAE, **_loss(sd, trial)},
            _loss_gradients,
            lambda result, given: _gradients(result, given["unet"]),
            ("test_equals_the_formula", "test_every_picture_has_its_own_timestep", "test_gradients_reach_the_unet"),
        ),
    ),
    "lora_training_step": (
        Measurement(
            "gradients",
            False,
            _lora_step,
            _lora_moves,
            lambda _result, given: _adapter_moves(given["unet"]),
            ("test_adapter_moves_one_step",),
        ),
    ),
}
