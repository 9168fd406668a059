"""What text_to_image must do, checked against StableDiffusionPipeline from the same latents."""

import functools

import pytest

from exercises._shared._model import asked_timesteps
from exercises._shared._runs import saying_where
from exercises.from_pixels_to_latents.checks._latents import decoded
from grader.checks import CheckFailure, assert_equal
from grader.checks.images import assert_picture, assert_same_picture

PROMPT = "a red circle on the left on white"


def generated(submission, sd, prompt, latents, kind="ddim", vae=None, **run):
    """Return the student's picture."""
    parts = (sd.tokenizer, sd.text_encoder, sd.unet, sd.scheduler(kind), vae or sd.vae)
    return submission.text_to_image(*parts, prompt, latents, **run)


def calls_after(submission, sd, earlier):
    """Return what the U-Net was asked after the first `earlier` calls."""
    return submission.aside.calls(sd.unet)[earlier:]


def pipelines(sd, prompt, latents, kind="ddim", **run):
    """Return the picture that StableDiffusionPipeline makes of the same latents."""
    return decoded(sd, sd.text_to_image(latents, text_embeddings=sd.embed(["", prompt]), kind=kind, **run))


@pytest.mark.tier("cpu", "gpu")
def test_equals_the_pipeline(submission, sd):
    """The picture is that of StableDiffusionPipeline from the same latents, under DDIM and under Euler."""
    latents, embeddings = sd.noise(0), sd.embed(["", PROMPT])
    for kind, steps, scale in (("ddim", 6, 3.0), ("euler", 4, 5.0)):
        run = {"latents": latents, "num_inference_steps": steps, "guidance_scale": scale, "kind": kind}
        earlier = len(submission.aside.calls(sd.unet))
        actual = generated(submission, sd, PROMPT, **run)
        sentence = f"Under {kind} the picture must be that of StableDiffusionPipeline from the same latents."
        with saying_where(
            functools.partial(calls_after, submission, sd, earlier),
            functools.partial(sd.asked, "text_to_image", **run, text_embeddings=embeddings),
            {"the latents": latents},
            sd.tolerance(run),
        ):
            expected = pipelines(sd, PROMPT, **run)
            assert_same_picture(actual, expected, sentence, tolerance=sd.tolerance(run, "picture"))


@pytest.mark.tier("cpu", "gpu")
def test_guidance_does_nothing_without_a_prompt(submission, sd):
    """The unconditional half is the empty prompt: for it the picture is the same at any guidance scale."""
    run = {"latents": sd.noise(1), "num_inference_steps": 4}
    pictures = [generated(submission, sd, "", **run, guidance_scale=scale) for scale in (1.5, 7.5)]
    side = sd.latent_shape[1] * sd.scale_factor
    assert_picture(pictures[0], width=side, height=side)
    sentence = 'With the prompt "" both halves are the same, and guidance scale 7.5 must give the same picture as 1.5.'
    assert_same_picture(pictures[1], pictures[0], sentence, tolerance=sd.tolerance(run, "picture"))


@pytest.mark.tier("cpu", "gpu")
def test_asks_for_every_timestep(submission, sd):
    """The U-Net is asked for every timestep of the scheduler, in its order."""
    generated(submission, sd, PROMPT, sd.noise(2), num_inference_steps=5, guidance_scale=3.0)
    asked = asked_timesteps(submission.read.calls(sd.unet))
    sentence = "The U-Net must be asked for the five timesteps of scheduler.timesteps, the noisiest first."
    assert_equal(asked, sd.timesteps(5), sentence, what="What was asked for")


@pytest.mark.tier("cpu", "gpu")
def test_prompts_are_padded(submission, sd):
    """The U-Net sees text of the tokenizer's full length, for the prompt and for the empty one."""
    generated(submission, sd, PROMPT, sd.noise(2), num_inference_steps=1, guidance_scale=3.0)
    full = sd.embed([PROMPT]).shape[1]
    for call in submission.read.calls(sd.unet):
        shape = call.get("text_embeddings")
        if not isinstance(shape, list) or shape[1:2] != [full]:
            raise CheckFailure(
                f"Both prompts must be padded to tokenizer.model_max_length, which is {full} here.",
                expected=f"text_embeddings of shape [1, {full}, D] or [2, {full}, D]",
                actual=f"text_embeddings of shape {shape}" if shape else "no text_embeddings",
            )


@pytest.mark.tier("cpu", "gpu")
def test_leaves_inputs_alone(submission, sd):
    """The latents are the same after the call as before it."""
    latents = sd.noise(3)
    parts = (sd.tokenizer, sd.text_encoder, sd.unet, sd.scheduler("euler"), sd.vae)
    after = submission.text_to_image.called_with(*parts, PROMPT, latents, 2, 3.0).arguments["latents"]
    assert_equal(after, latents, "text_to_image must not change its input latents.", what="latents after the call")
