"""What img2img must do, at other strengths and lengths, and on several pictures at once."""

import pytest
import torch

from exercises._shared._model import assert_same_latents, prompt_of
from exercises.img2img_and_inpainting.checks._pipelines import assert_run, text_to_image
from grader.checks import assert_like


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("kind", ["ddim", "dpm++", "euler"])
def test_equals_the_pipeline_at_other_lengths(submission, sd, kind):
    """Other strengths and numbers of steps give the pipeline's result too."""
    for strength, steps, scale in ((0.3, 8, 5.0), (0.95, 5, 2.0), (0.5, 3, 4.0)):
        run = {"strength": strength, "num_inference_steps": steps, **prompt_of(sd, seed=5), "guidance_scale": scale}
        run |= {"z_0": sd.latents(7), "noise": sd.noise(8)}
        sentence = f"At strength {strength} of {steps} steps the result under {kind} must be the pipeline's."
        assert_run(submission, sd, "img2img", run, kind, sentence)


def test_full_strength_on_other_timesteps(submission, sd):
    """With timesteps that begin at less noise, strength 1 is text-to-image, too."""
    run = {
        "strength": 1.0,
        "num_inference_steps": 3,
        **prompt_of(sd, seed=5),
        "z_0": sd.latents(7),
        "noise": sd.noise(8),
    }
    sentence = (
        "Under Euler with leading timesteps, strength 1 must give the result of text-to-image from the same noise."
    )
    assert_run(submission, sd, "img2img", run, "euler, leading", sentence, text_to_image(run))


@pytest.mark.tier("cpu", "gpu")
def test_pictures_that_are_not_square(submission, sd):
    """Pictures that are wider than high give the pipeline's result too."""
    rows = sd.latent_shape[1] * 3 // 4
    run = {"strength": 0.6, "num_inference_steps": 5, **prompt_of(sd, seed=6)}
    run |= {"z_0": sd.latents(2)[..., :rows, :], "noise": sd.noise(9)[..., :rows, :]}
    sentence = f"Latents of {rows} rows and {sd.latent_shape[2]} columns must give the pipeline's result too."
    assert_run(submission, sd, "img2img", run, "euler", sentence)


@pytest.mark.tier("cpu", "gpu")
def test_several_pictures_at_once(submission, sd):
    """Two pictures with two prompts give the same results together as each does alone."""
    prompts = [prompt_of(sd, seed) for seed in (1, 2)]
    halves = [prompt["text_embeddings"].chunk(2) for prompt in prompts]
    z_0, noise = torch.cat([sd.latents(1), sd.latents(2)]), sd.noise(3, batch=2)
    rest = {"strength": 0.7, "num_inference_steps": 5, "guidance_scale": prompts[0]["guidance_scale"]}
    together = torch.cat([uncond for uncond, _ in halves] + [text for _, text in halves])
    arguments = (sd.unet, sd.scheduler())
    actual = submission.img2img(*arguments, z_0=z_0, noise=noise, text_embeddings=together, **rest)
    alone = []
    for i in range(2):
        one = {"z_0": z_0[[i]], "noise": noise[[i]], "text_embeddings": prompts[i]["text_embeddings"], **rest}
        alone.append(assert_like(submission.img2img(*arguments, **one), z_0[[i]], like="z_0"))
    sentence = "Each picture of a batch, with its own prompt, must give the same result as alone."
    assert_same_latents(sd, actual, torch.cat(alone), sentence, rest)


@pytest.mark.tier("gpu")
@pytest.mark.parametrize("kind", ["ddim", "dpm++"])
def test_real_model_gives_the_same(submission, sd, kind):
    """On a real model, the result is that of StableDiffusionImg2ImgPipeline."""
    run = {"strength": 0.65, "num_inference_steps": 4, **prompt_of(sd, seed=7)}
    run |= {"z_0": sd.latents(4), "noise": sd.noise(5)}
    assert_run(submission, sd, "img2img", run, kind, f"Under {kind} the real model's result must be the pipeline's.")


@pytest.mark.tier("gpu")
def test_real_model_at_full_strength_is_text_to_image(submission, sd):
    """On a real model, strength 1 is text-to-image from the same noise, and the picture leaves no trace."""
    run = {"strength": 1.0, "num_inference_steps": 2, **prompt_of(sd, seed=7)}
    run |= {"z_0": sd.latents(4), "noise": sd.noise(5)}
    sentence = "At strength 1 the real model's result must be that of text-to-image from the same noise."
    assert_run(submission, sd, "img2img", run, "euler", sentence, text_to_image(run))
