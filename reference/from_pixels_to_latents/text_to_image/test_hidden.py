"""What text_to_image must do under other samplers, sizes and scales, and with long and odd prompts."""

import pytest
import torch

from exercises._shared._runs import asked_by
from exercises.from_pixels_to_latents.checks._latents import decoded, own_scaling_factor, vae_scaled_by
from grader.checks import CheckFailure, assert_close
from grader.checks.images import assert_picture, assert_same_picture
from grader.diffusion import loading


def generated(submission, sd, prompt, latents, kind="ddim", vae=None, **run):
    """Return the student's picture."""
    parts = (sd.tokenizer, sd.text_encoder, sd.unet, sd.scheduler(kind), vae or sd.vae)
    return submission.text_to_image(*parts, prompt, latents, **run)


def pipelines(sd, prompt, latents, kind="ddim", **run):
    """Return the picture that StableDiffusionPipeline makes of the same latents."""
    return decoded(sd, sd.text_to_image(latents, text_embeddings=sd.embed(["", prompt]), kind=kind, **run))


def assert_short_prompt_works(submission, sd, latents, run):
    """Raise `CheckFailure` if not even an ordinary picture is right: then nothing special is to blame."""
    actual = generated(submission, sd, "a red circle", latents, **run)
    sentence = (
        "This check looks at something else, but it has to start from an ordinary picture, and that is not yet "
        "StableDiffusionPipeline's."
    )
    expected = pipelines(sd, "a red circle", latents, **run)
    assert_same_picture(actual, expected, sentence, tolerance=sd.tolerance(run, "picture"))


@pytest.mark.parametrize(
    ("kind", "size", "steps", "guidance_scale"),
    [("dpm++", (16, 16), 5, 3.0), ("euler", (12, 24), 3, 7.5), ("ddim", (20, 8), 4, 1.5), ("euler", (16, 16), 1, 2.0)],
)
def test_equals_the_pipeline_elsewhere(submission, sd, kind, size, steps, guidance_scale):
    """Other samplers, sizes, lengths and guidance scales give the pipeline's picture too."""
    latents = torch.randn(1, sd.latent_shape[0], *size, generator=torch.Generator().manual_seed(steps))
    run = {"kind": kind, "num_inference_steps": steps, "guidance_scale": guidance_scale}
    prompt = "a photo of a big blue square at the top and a small green cross at the bottom"
    actual = generated(submission, sd, prompt, latents, **run)
    sentence = f"Under {kind}, {steps} steps at guidance scale {guidance_scale} must give the pipeline's picture."
    assert_same_picture(actual, pipelines(sd, prompt, latents, **run), sentence)


def test_starts_from_the_noise_of_its_timesteps(submission, sd):
    """With timesteps that begin at less noise, the first sample is noise of that strength."""
    run = {"latents": sd.noise(8), "num_inference_steps": 3, "guidance_scale": 3.0, "kind": "euler, leading"}
    generated(submission, sd, "a red circle", **run)
    asked = asked_by(submission.aside.calls(sd.unet), batch=1)
    if not asked:
        raise CheckFailure("The U-Net must be asked for every timestep, and it was not asked at all.")
    scheduler = loading.make_scheduler("euler, leading")
    scheduler.set_timesteps(3)
    expected = scheduler.scale_model_input(sd.noise(8) * scheduler.init_noise_sigma, scheduler.timesteps[0])
    sentence = (
        "Under Euler with leading timesteps, the first sample that the U-Net sees must be latents times the "
        "init_noise_sigma of these timesteps, scaled by scale_model_input."
    )
    assert_close(asked[0].sample, expected, sentence)


@pytest.mark.tier("cpu", "gpu")
def test_long_prompt_is_truncated(submission, sd):
    """A prompt that is longer than the model's length is truncated by the tokenizer."""
    prompt = "a small yellow star at the top and " * 8 + "a red circle"
    run = {"num_inference_steps": 4, "guidance_scale": 3.0}
    assert_short_prompt_works(submission, sd, sd.noise(4), run)
    actual = generated(submission, sd, prompt, sd.noise(4), **run)
    sentence = "A prompt longer than tokenizer.model_max_length must be truncated by the tokenizer."
    expected = pipelines(sd, prompt, sd.noise(4), **run)
    assert_same_picture(actual, expected, sentence, tolerance=sd.tolerance(run, "picture"))


@pytest.mark.tier("cpu", "gpu")
def test_scaling_factor_is_the_configs(submission, sd):
    """The picture is decoded with the scaling factor that is in the autoencoder's config."""
    run = {"num_inference_steps": 3, "guidance_scale": 3.0}
    assert_short_prompt_works(submission, sd, sd.noise(5), run)
    prompt = "a big green triangle on black"
    embeddings = sd.embed(["", prompt])
    factor = 2 * own_scaling_factor()
    expected = decoded(sd, sd.text_to_image(sd.noise(5), text_embeddings=embeddings, **run), factor)
    actual = generated(submission, sd, prompt, sd.noise(5), vae=vae_scaled_by(factor), **run)
    sentence = "Latents must be divided by vae.config.scaling_factor before decoding."
    assert_same_picture(actual, expected, sentence, tolerance=sd.tolerance(run, "picture"))


@pytest.mark.tier("gpu")
@pytest.mark.parametrize(("kind", "steps"), [("ddim", 3), ("euler", 2)])
def test_real_model_paints_the_same(submission, sd, kind, steps):
    """On a real model, the picture is that of StableDiffusionPipeline from the same latents."""
    run = {"kind": kind, "num_inference_steps": steps, "guidance_scale": 3.0}
    actual = generated(submission, sd, "a red circle on white", sd.noise(6), **run)
    sentence = f"Under {kind} the real model's picture must be that of StableDiffusionPipeline."
    expected = pipelines(sd, "a red circle on white", sd.noise(6), **run)
    assert_same_picture(actual, expected, sentence, tolerance=sd.tolerance(run, "picture"))


@pytest.mark.tier("gpu")
def test_real_model_hears_both_prompts(submission, sd):
    """On a real model, too, the empty prompt guides nowhere, at any scale."""
    run = {"latents": sd.noise(7), "num_inference_steps": 2}
    pictures = [generated(submission, sd, "", **run, guidance_scale=scale) for scale in (1.5, 7.5)]
    side = sd.latent_shape[1] * sd.scale_factor
    assert_picture(pictures[0], width=side, height=side)
    sentence = 'With the prompt "" both halves are the same, and guidance scale 7.5 must give the same picture as 1.5.'
    assert_same_picture(pictures[1], pictures[0], sentence, tolerance=sd.tolerance(run, "picture"))
