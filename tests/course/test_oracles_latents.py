"""What the checks on latents compare with, and the solutions, against diffusers' own pipeline and autoencoder."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline

from exercises._shared._training import pixel_values
from exercises.from_pixels_to_latents.checks import _latents as latents_checks
from grader.checks import CheckFailure, assert_close, assert_far
from grader.checks.images import assert_same_picture
from grader.diffusion import loading
from grader.diffusion.loading import SCHEDULERS, TINY_SD
from grader.diffusion.stable_diffusion import StableDiffusion, stable_diffusion
from grader.errors import GraderError
from helpers.course_files import load
from reference.from_pixels_to_latents._training import training_loss, unet_gradients

LESSON = "from_pixels_to_latents"
KINDS = tuple(SCHEDULERS)
LONG = "a small yellow star at the top and " * 8 + "a red circle"


@pytest.fixture(scope="module")
def sd() -> StableDiffusion:
    return stable_diffusion()


@pytest.fixture(scope="module")
def pipeline() -> Any:
    pipeline = StableDiffusionPipeline.from_pretrained(TINY_SD, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def solution(name: str) -> Any:
    """Return the reference solution of an exercise, as a function."""
    return getattr(load("reference", LESSON, name, "solution.py"), name)


def rescaled(factor: float) -> Any:
    """Return an autoencoder with that scaling factor in its config."""
    vae = copy.deepcopy(loading.load().vae)
    vae.register_to_config(scaling_factor=factor)
    return vae


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


# --- encoding and decoding ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA"])
@pytest.mark.parametrize("factor", [0.18215, 1.7])
@torch.no_grad()
def test_encoding_is_the_pipelines_under_any_factor(
    sd: StableDiffusion, pipeline: Any, mode: str, factor: float
) -> None:
    picture = latents_checks.picture_of(sd, rows=5, columns=9, seed=1).convert(mode)
    prepared = pipeline.image_processor.preprocess(picture.convert("RGB"))
    expected = rescaled(factor).encode(prepared).latent_dist.mean * factor
    for actual in (latents_checks.encoded(sd, picture, factor), solution("encode_image")(rescaled(factor), picture)):
        assert_close(actual, expected, "The latents must be the pipeline's.", tolerance=1e-5)


@pytest.mark.parametrize("strength", [1.0, 12.0])
@pytest.mark.parametrize("factor", [0.18215, 1.7])
@torch.no_grad()
def test_decoding_is_the_pipelines_under_any_factor(
    sd: StableDiffusion, pipeline: Any, strength: float, factor: float
) -> None:
    latents = noise(1, 4, 5, 9) * strength * factor
    decoded = rescaled(factor).decode(latents / factor).sample
    (expected,) = pipeline.image_processor.postprocess(decoded, output_type="pil")
    for actual in (latents_checks.decoded(sd, latents, factor), solution("decode_latents")(rescaled(factor), latents)):
        assert_same_picture(actual, expected, "The picture must be the pipeline's.")


def test_a_picture_of_latent_places_is_that_large(sd: StableDiffusion) -> None:
    picture = latents_checks.picture_of(sd, rows=3, columns=8)
    assert (picture.width, picture.height) == (8 * sd.scale_factor, 3 * sd.scale_factor)
    assert list(sd.encode(picture).shape) == [1, 4, 3, 8]


def test_latents_that_stay_in_range_are_refused_for_a_check_of_the_range(sd: StableDiffusion) -> None:
    with pytest.raises(GraderError, match="proves nothing"):
        latents_checks.assert_out_of_range(sd.latents(0) * 0.1)


def test_a_picture_that_came_back_blurred_looks_like_itself_and_a_pale_one_does_not(sd: StableDiffusion) -> None:
    picture = sd.picture(seed=4)
    latents_checks.assert_looks_like(sd.decode(sd.encode(picture)), picture, "It must come back.")
    with pytest.raises(CheckFailure, match="It must come back"):
        latents_checks.assert_looks_like(sd.decode(sd.encode(picture) * 0.5), picture, "It must come back.")


def test_pixel_values_are_the_pipelines_preprocessing(sd: StableDiffusion, pipeline: Any) -> None:
    pictures = [sd.picture(seed=seed) for seed in range(2)]
    expected = torch.cat([pipeline.image_processor.preprocess(picture) for picture in pictures])
    assert_close(pixel_values(*pictures), expected, "The pixels must be the pipeline's.", tolerance=1e-6)


# --- the training loss -------------------------------------------------------------------------------------------


def step(sd: StableDiffusion, rows: int = 16, columns: int = 16) -> dict[str, torch.Tensor]:
    """Return the arguments of a training step, apart from U-Net and autoencoder."""
    pictures = [latents_checks.picture_of(sd, rows, columns, seed) for seed in range(2)]
    return {
        "image": pixel_values(*pictures),
        "noise": noise(2, 4, rows, columns, seed=3),
        "timesteps": torch.tensor([700, 40]),
        "text_embeddings": sd.embed(["a red circle", "a blue ring"]),
        "alphas_cumprod": DDPMScheduler(beta_schedule="scaled_linear").alphas_cumprod,
    }


@pytest.mark.parametrize(("rows", "columns"), [(16, 16), (8, 20)])
@pytest.mark.parametrize("factor", [None, 0.4])
def test_the_loss_is_that_of_a_training_script(
    sd: StableDiffusion, rows: int, columns: int, factor: float | None
) -> None:
    given = step(sd, rows, columns)
    vae = rescaled(factor or latents_checks.own_scaling_factor())
    unet = loading.load().unet
    with torch.no_grad():
        z_0 = vae.encode(given["image"]).latent_dist.mean * vae.config.scaling_factor
        z_t = DDPMScheduler(beta_schedule="scaled_linear").add_noise(z_0, given["noise"], given["timesteps"])
        predicted = unet(z_t, given["timesteps"], encoder_hidden_states=given["text_embeddings"]).sample
        expected = (predicted - given["noise"]).square().mean()
        assert_far(z_t, z_0, 0.1)
    for actual in (
        training_loss(**given, scaling_factor=factor),
        solution("latent_training_loss")(unet, vae, **given),
    ):
        assert_close(actual, expected, "The loss must be the script's.", tolerance=1e-5)


def test_gradients_of_the_loss_are_those_of_a_backward_pass_and_reach_the_unet_alone(sd: StableDiffusion) -> None:
    unet, vae = (copy.deepcopy(module) for module in (loading.load().unet, loading.load().vae))
    given = step(sd)
    solution("latent_training_loss")(unet, vae, **given).backward()
    assert {name for name, parameter in vae.named_parameters() if parameter.grad is not None} == set()
    found = {name: parameter.grad for name, parameter in unet.named_parameters()}
    names = ["conv_in.weight", "mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight", "conv_out.bias"]
    latents_checks.assert_gradients(found, unet_gradients(names, **given))
    assert all(parameter.grad is None for parameter in loading.load().unet.parameters())  # the oracle leaves none


def test_a_gradient_that_is_missing_or_another_is_named(sd: StableDiffusion) -> None:
    expected = unet_gradients(["conv_in.weight", "conv_out.bias"], **step(sd))
    with pytest.raises(CheckFailure, match=r"conv_out\.bias has no gradient"):
        latents_checks.assert_gradients({"conv_in.weight": expected["conv_in.weight"]}, expected)
    with pytest.raises(CheckFailure, match=r"The gradient in the U-Net's conv_out\.bias"):
        latents_checks.assert_gradients({**expected, "conv_out.bias": expected["conv_out.bias"] * 1.01}, expected)


# --- text to image -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("prompt", "size"),
    [("a red circle on white", (16, 16)), ("", (16, 16)), (LONG, (12, 24)), ("Ünknown wörds!", (20, 8))],
)
def test_text_to_image_is_the_pipelines_own(
    sd: StableDiffusion, pipeline: Any, kind: str, prompt: str, size: tuple[int, int]
) -> None:
    pipeline.scheduler = loading.make_scheduler(kind)
    start = noise(1, 4, *size, seed=4)
    run = {"num_inference_steps": 3, "guidance_scale": 3.0}
    expected = pipeline(prompt, latents=start.clone(), **run).images[0]
    assert expected.size == (size[1] * sd.scale_factor, size[0] * sd.scale_factor)

    by_the_oracles = sd.text_to_image(start, text_embeddings=sd.embed(["", prompt]), kind=kind, **run)
    loaded = loading.load()
    by_hand = solution("text_to_image")(
        loaded.tokenizer,
        loaded.text_encoder,
        loaded.unet,
        loading.make_scheduler(kind),
        loaded.vae,
        prompt,
        start,
        **run,
    )
    for actual in (latents_checks.decoded(sd, by_the_oracles), by_hand):
        assert_same_picture(actual, expected, "The picture must be the pipeline's.")


def test_euler_begins_with_more_noise_than_the_others() -> None:
    sigmas = {}
    for kind in KINDS:
        scheduler = loading.make_scheduler(kind)
        scheduler.set_timesteps(6)
        sigmas[kind] = float(scheduler.init_noise_sigma)
    assert sigmas["ddim"] == sigmas["dpm++"] == 1
    assert sigmas["euler"] > 10


# --- what the statements say -------------------------------------------------------------------------------------


def test_the_worked_examples_of_the_statements_are_true() -> None:
    levels = torch.tensor([0, 51, 204, 255])
    assert_close(levels / 127.5 - 1, torch.tensor([-1.0, -0.6, 0.6, 1.0]), "As encode_image says.", tolerance=1e-6)
    decoded = torch.tensor([-1.3, -1.0, -0.6, 0.6, 1.0, 1.1])
    assert ((decoded / 2 + 0.5).clamp(0, 1) * 255).round().tolist() == [0, 0, 51, 204, 255, 255]
    scheduler = DDPMScheduler(trained_betas=[0.36])
    z_t = scheduler.add_noise(torch.tensor([2.0]), torch.tensor([-1.0]), torch.tensor([0]))
    assert_close(z_t, torch.tensor([1.0]), "As latent_training_loss says.", tolerance=1e-6)
