"""What inpaint must do with other masks, strengths and lengths, and on several pictures at once."""

import pytest
import torch

from exercises._shared._model import assert_same_latents, prompt_of
from exercises.img2img_and_inpainting.checks._pipelines import assert_run
from grader.checks import assert_equal, assert_like


def scattered_mask(sd, seed):
    """Return a mask of ones and zeros in blocks of two by two, half of them ones."""
    height, width = sd.latent_shape[1:]
    blocks = torch.rand(1, 1, height // 2, width // 2, generator=torch.Generator().manual_seed(seed)) < 0.5
    return blocks.repeat_interleave(2, 2).repeat_interleave(2, 3).float()


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("kind", ["ddim", "dpm++", "euler"])
def test_equals_the_pipeline_at_other_lengths(submission, sd, kind):
    """Other masks, strengths and numbers of steps give the pipeline's result too."""
    for strength, steps, scale in ((1.0, 5, 2.0), (0.45, 7, 5.0), (0.9, 2, 4.0)):
        run = {"strength": strength, "num_inference_steps": steps, **prompt_of(sd, seed=3), "guidance_scale": scale}
        run |= {"z_0": sd.latents(5), "mask": scattered_mask(sd, steps), "noise": sd.noise(6)}
        sentence = f"At strength {strength} of {steps} steps the result under {kind} must be the pipeline's."
        assert_run(submission, sd, "inpaint", run, kind, sentence)


@pytest.mark.tier("cpu", "gpu")
def test_pictures_that_are_not_square(submission, sd):
    """Pictures that are wider than high give the pipeline's result too."""
    rows = sd.latent_shape[1] * 3 // 4
    run = {"strength": 0.6, "num_inference_steps": 5, **prompt_of(sd, seed=6)}
    run |= {
        "z_0": sd.latents(2)[..., :rows, :],
        "mask": scattered_mask(sd, 3)[..., :rows, :],
        "noise": sd.noise(9)[..., :rows, :],
    }
    sentence = f"Latents of {rows} rows and {sd.latent_shape[2]} columns must give the pipeline's result too."
    assert_run(submission, sd, "inpaint", run, "euler", sentence)


@pytest.mark.tier("cpu", "gpu")
def test_several_pictures_at_once(submission, sd):
    """Two pictures with two prompts give the same results together as each does alone, under the one mask."""
    prompts = [prompt_of(sd, seed) for seed in (1, 2)]
    halves = [prompt["text_embeddings"].chunk(2) for prompt in prompts]
    z_0, noise = torch.cat([sd.latents(1), sd.latents(2)]), sd.noise(3, batch=2)
    rest = {"strength": 0.7, "num_inference_steps": 5, "guidance_scale": prompts[0]["guidance_scale"]}
    rest["mask"] = scattered_mask(sd, 4)
    together = torch.cat([uncond for uncond, _ in halves] + [text for _, text in halves])
    arguments = (sd.unet, sd.scheduler())
    actual = submission.inpaint(*arguments, z_0=z_0, noise=noise, text_embeddings=together, **rest)
    alone = []
    for i in range(2):
        one = {"z_0": z_0[[i]], "noise": noise[[i]], "text_embeddings": prompts[i]["text_embeddings"], **rest}
        alone.append(assert_like(submission.inpaint(*arguments, **one), z_0[[i]], like="z_0"))
    sentence = "Each picture of a batch, with its own prompt, must give the same result as alone."
    assert_same_latents(sd, actual, torch.cat(alone), sentence, rest)


def real_run(sd, mask, **changes):
    """Return the arguments of a run of few steps."""
    run = {"z_0": sd.latents(4), "mask": mask, "noise": sd.noise(5), **prompt_of(sd, seed=7)}
    return {**run, "strength": 0.65, "num_inference_steps": 4, **changes}


@pytest.mark.tier("gpu")
@pytest.mark.parametrize("kind", ["ddim", "euler"])
def test_real_model_gives_the_same(submission, sd, kind):
    """On a real model, the result is that of StableDiffusionInpaintPipeline."""
    run = real_run(sd, scattered_mask(sd, 5))
    assert_run(submission, sd, "inpaint", run, kind, f"Under {kind} the real model's result must be the pipeline's.")


@pytest.mark.tier("gpu")
def test_real_model_with_a_full_mask_is_img2img(submission, sd):
    """On a real model, repainting every place is exactly img2img."""
    run = real_run(sd, torch.ones_like(scattered_mask(sd, 0)))
    img2img = {name: value for name, value in run.items() if name != "mask"}
    sentence = "With nothing to keep, the real model's result must be that of img2img."
    assert_run(submission, sd, "inpaint", run, "ddim", sentence, ("img2img", img2img))


@pytest.mark.tier("gpu")
def test_real_model_keeps_what_is_kept(submission, sd):
    """On a real model, where the mask is 0 the result is z_0, to the bit."""
    run = real_run(sd, scattered_mask(sd, 6), strength=1.0, num_inference_steps=2)
    actual = assert_like(submission.inpaint(sd.unet, sd.scheduler("ddim"), **run), run["z_0"], like="z_0")
    kept = run["mask"].expand_as(run["z_0"]) == 0
    assert_equal(actual[kept], run["z_0"][kept], "What is kept must be z_0 itself.", what="The kept part")
