"""The tiny Stable Diffusion as checks use it: genuine classes, oracles that are diffusers' own, repeatable to the bit."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from exercises._shared._model import assert_same_latents
from grader.checks import CheckFailure, distance
from grader.diffusion import loading
from grader.diffusion.loading import SCHEDULERS, TINY_SD
from grader.diffusion.stable_diffusion import StableDiffusion, stable_diffusion
from grader.tinyworld.drawing import COLOURS, HELD_OUT, SHAPES, Description, Words
from grader.tinyworld.recognition import look

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = tuple(SCHEDULERS)


@pytest.fixture(scope="module")
def sd() -> StableDiffusion:
    return stable_diffusion()


def loop(latents: torch.Tensor, timesteps: Any, scheduler: Any, **prompt: Any) -> torch.Tensor:
    """Denoise with guidance, by hand."""
    unet = loading.load().unet
    uncond_and_text, scale = prompt["text_embeddings"], prompt["guidance_scale"]
    with torch.no_grad():
        for t in timesteps:
            sample = scheduler.scale_model_input(torch.cat([latents] * 2), t)
            uncond, text = unet(sample, t, encoder_hidden_states=uncond_and_text).sample.chunk(2)
            latents = scheduler.step(uncond + scale * (text - uncond), t, latents).prev_sample
    return latents


# --- what it is made of ---


def test_the_parts_are_the_genuine_classes() -> None:
    loaded = loading.load()
    assert type(loaded.unet) is UNet2DConditionModel
    assert type(loaded.vae) is AutoencoderKL
    assert type(loaded.text_encoder) is CLIPTextModel
    assert isinstance(loaded.tokenizer, CLIPTokenizer)


def test_it_keeps_stable_diffusions_conventions() -> None:
    loaded = loading.load()
    config = loaded.scheduler.config
    assert (config.prediction_type, config.beta_schedule, config.num_train_timesteps) == (
        "epsilon",
        "scaled_linear",
        1000,
    )
    assert loaded.unet.config.in_channels == loaded.vae.config.latent_channels == 4
    assert loaded.tokenizer.pad_token == loaded.tokenizer.eos_token == "<|endoftext|>"


def test_all_parts_are_in_single_precision() -> None:
    loaded = loading.load()
    for module in (loaded.unet, loaded.vae, loaded.text_encoder):
        assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}


def test_the_folder_loads_as_a_pipeline_without_further_ado(sd: StableDiffusion) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(TINY_SD)
    pipeline.set_progress_bar_config(disable=True)
    noise = sd.noise(3)
    actual = pipeline(
        "a red circle on white", latents=noise, num_inference_steps=3, guidance_scale=3.0, output_type="latent"
    ).images
    assert torch.equal(actual, sd.text_to_image(noise, 3, **sd.prompt("a red circle on white")))


def test_the_scaling_factor_brings_latents_to_the_spread_that_the_unet_was_trained_on(sd: StableDiffusion) -> None:
    latents = torch.cat([sd.latents(seed) for seed in range(40)])
    assert float(latents.std()) == pytest.approx(1.5, rel=0.1)


def test_the_autoencoder_gives_pictures_back(sd: StableDiffusion) -> None:
    from grader.checks.images import pixels

    for seed in range(8):
        picture = sd.picture(seed=seed)
        error = (pixels(sd.decode(sd.encode(picture))).double() - pixels(picture).double()) / 255
        assert error.square().mean().sqrt() < 0.06


# --- oracles ---


@pytest.mark.parametrize("kind", KINDS)
def test_text_to_image_equals_a_loop_by_hand_to_the_bit(sd: StableDiffusion, kind: str) -> None:
    scheduler, prompt, noise = loading.make_scheduler(kind), sd.prompt("a blue star"), sd.noise(0)
    scheduler.set_timesteps(4)
    expected = loop(noise * scheduler.init_noise_sigma, scheduler.timesteps, scheduler, **prompt)
    assert torch.equal(sd.text_to_image(noise, 4, **prompt, kind=kind), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_img2img_equals_a_loop_by_hand_from_the_noise_that_is_given(sd: StableDiffusion, kind: str) -> None:
    scheduler, prompt, z_0, noise = loading.make_scheduler(kind), sd.prompt("a blue star"), sd.latents(1), sd.noise(2)
    scheduler.set_timesteps(5)
    timesteps = scheduler.timesteps[2:]
    expected = loop(scheduler.add_noise(z_0, noise, timesteps[:1]), timesteps, scheduler, **prompt)
    assert torch.equal(sd.img2img(z_0, noise, 0.7, 5, **prompt, kind=kind), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_inpainting_everything_is_img2img_and_nothing_is_the_picture(sd: StableDiffusion, kind: str) -> None:
    run = {"z_0": sd.latents(1), "noise": sd.noise(2), "strength": 0.7, "num_inference_steps": 5, "kind": kind}
    run |= sd.prompt("a blue star")
    everything = torch.ones(1, 1, 16, 16)
    assert distance(sd.inpaint(mask=everything, **run), sd.img2img(**run)) < 1e-5
    assert torch.equal(sd.inpaint(mask=0 * everything, **run), run["z_0"])


def test_the_pipeline_at_strength_1_is_not_quite_text_to_image(sd: StableDiffusion) -> None:
    """The schedule never reaches pure noise; a little of the picture is left, which the lesson page gives a number."""
    prompt, noise = sd.prompt("a blue star"), sd.noise(2)
    pipeline = sd.img2img(sd.latents(1), noise, 1.0, 5, **prompt)
    assert distance(pipeline, sd.text_to_image(noise, 5, **prompt)) > 0.01


def test_an_oracle_leaves_its_arguments_alone(sd: StableDiffusion) -> None:
    z_0, noise, mask = sd.latents(1), sd.noise(2), torch.ones(1, 1, 16, 16)
    before = [tensor.clone() for tensor in (z_0, noise, mask)]
    sd.inpaint(z_0, mask, noise, 0.7, 3, **sd.prompt("a blue star"), kind="euler")
    assert all(torch.equal(*pair) for pair in zip(before, (z_0, noise, mask), strict=True))


def test_an_oracle_computes_the_same_answer_once(sd: StableDiffusion) -> None:
    forwards: list[object] = []
    hook = loading.load().unet.register_forward_hook(lambda *_: forwards.append(None))
    try:
        z_0, noise, prompt = sd.latents(11), sd.noise(12), sd.prompt("a blue star")
        first = sd.img2img(z_0, noise, 0.7, 3, **prompt)
        computed = len(forwards)
        assert computed > 0
        expected, first[:] = first.clone(), 0  # what is done to an answer must not show in the next
        assert torch.equal(sd.img2img(z_0.clone(), noise, 0.7, 3, **prompt), expected)
        assert len(forwards) == computed
    finally:
        hook.remove()


@pytest.mark.parametrize("changed", ["z_0", "noise", "strength", "num_inference_steps", "guidance_scale", "kind"])
def test_an_oracle_answers_anew_where_anything_differs(sd: StableDiffusion, changed: str) -> None:
    run = {"z_0": sd.latents(11), "noise": sd.noise(12), "strength": 0.7, "num_inference_steps": 3, "kind": "ddim"}
    run |= sd.prompt("a blue star")
    other = {"strength": 0.4, "num_inference_steps": 4, "kind": "euler", "guidance_scale": 2.0, "z_0": sd.latents(13)}
    other["noise"] = sd.noise(14)
    assert distance(sd.img2img(**run), sd.img2img(**{**run, changed: other[changed]})) > 1e-4


def test_an_oracle_forgets_its_oldest_answers(sd: StableDiffusion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sd, "answers", {})
    monkeypatch.setattr("grader.diffusion.stable_diffusion.MOST_REMEMBERED", 2)
    texts = ("a red circle", "a blue star", "a green ring")
    first, *_ = [sd.embed([text]) for text in texts]
    assert len(sd.answers) == 2
    assert torch.equal(sd.embed(["a red circle"]), first)


# --- repeatable ---

DRAW = """
import sys, torch
torch.set_num_threads(1)
from grader.diffusion.stable_diffusion import stable_diffusion
made = stable_diffusion()
torch.set_num_threads(1)
torch.save(made.text_to_image(made.noise(0), 10, **made.prompt("a red circle on white")), sys.argv[1])
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, torch.Tensor]:
    """Return what a process of its own says and draws."""
    file = tmp_path_factory.mktemp("drawn") / "latents.pt"
    done = subprocess.run([sys.executable, "-c", DRAW, file], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr, torch.load(file, weights_only=True)


@pytest.fixture
def _threads_again() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.thorough
@pytest.mark.usefixtures("_threads_again")
def test_pictures_are_equal_to_the_bit_between_processes_and_close_between_thread_counts(
    sd: StableDiffusion, elsewhere: tuple[str, torch.Tensor]
) -> None:
    drawn = {}
    for threads in (1, 2):
        torch.set_num_threads(threads)
        drawn[threads] = sd.text_to_image(sd.noise(0), 10, **sd.prompt("a red circle on white"))
    assert torch.equal(drawn[1], elsewhere[1])
    assert distance(drawn[2], drawn[1]) < 1e-4


def test_importing_and_drawing_says_nothing(elsewhere: tuple[str, torch.Tensor]) -> None:
    assert elsewhere[0] == ""


# --- it draws what it is told ---


def test_it_draws_what_it_is_told(sd: StableDiffusion) -> None:
    """A sample of what the model card measures on 200 captions."""
    told = [pair for pair in zip(list(COLOURS) * 2, SHAPES * 2, strict=False) if pair not in HELD_OUT]
    right = 0
    for seed, (colour, shape) in enumerate(told):
        prompt = sd.prompt(str(Description((Words(shape, colour, place="in the middle"),), "on white")))
        things = look(sd.decode(sd.text_to_image(sd.noise(seed), 12, **prompt))).things
        right += bool(things) and (things[0].colour, things[0].shape) == (colour, shape)
    assert right >= 0.75 * len(told)


# --- what checks say of latents ---


def test_latents_that_are_wrong_are_shown_as_pictures(sd: StableDiffusion) -> None:
    expected, actual = sd.latents(0), sd.latents(1)
    with pytest.raises(CheckFailure, match="The same") as failure:
        assert_same_latents(sd, actual, expected, "The same.", {"num_inference_steps": 4})
    shown = failure.value.pictures
    assert shown == {"expected": sd.decode(expected), "yours": sd.decode(actual)}
    assert shown["expected"] != shown["yours"]


@pytest.mark.parametrize("actual", [None, torch.zeros(1, 4, 2, 2), torch.full((1, 4, 16, 16), torch.nan)])
def test_what_is_no_latents_is_shown_as_no_picture(sd: StableDiffusion, actual: object) -> None:
    with pytest.raises(CheckFailure) as failure:
        assert_same_latents(sd, actual, sd.latents(0), "The same.", {"num_inference_steps": 4})
    assert failure.value.pictures == {}


def test_latents_that_are_right_are_accepted(sd: StableDiffusion) -> None:
    assert_same_latents(sd, sd.latents(0) + 1e-5, sd.latents(0), "The same.", {"num_inference_steps": 4})
