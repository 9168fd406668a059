"""What img2img must do, at other strengths and lengths, and on several pictures at once."""

import pytest
import torch

from exercises._shared._model import assert_same_latents, prompt_of


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize("kind", ["ddim", "dpm++", "euler"])
@pytest.mark.parametrize(("strength", "steps"), [(0.3, 8), (0.95, 5), (0.5, 3)])
def test_equals_the_pipeline_at_other_lengths(submission, sd, kind, strength, steps):
    """Other strengths and numbers of steps give the pipeline's result too."""
    run = {"strength": strength, "num_inference_steps": steps, **prompt_of(sd, seed=5)}
    run |= {"z_0": sd.latents(7), "noise": sd.noise(8)}
    actual = submission.img2img(sd.unet, sd.scheduler(kind), **run)
    sentence = f"At strength {strength} of {steps} steps the result under {kind} must be the pipeline's."
    assert_same_latents(sd, actual, sd.img2img(**run, kind=kind), sentence, run)


@pytest.mark.tier("cpu", "gpu")
def test_several_pictures_at_once(submission, sd):
    """Two pictures with two prompts give the same results together as each does alone."""
    prompts = [prompt_of(sd, seed) for seed in (1, 2)]
    halves = [prompt["text_embeddings"].chunk(2) for prompt in prompts]
    z_0, noise = torch.cat([sd.latents(1), sd.latents(2)]), sd.noise(3, batch=2)
    rest = {"strength": 0.7, "num_inference_steps": 5, "guidance_scale": prompts[0]["guidance_scale"]}
    together = torch.cat([uncond for uncond, _ in halves] + [text for _, text in halves])
    actual = submission.img2img(sd.unet, sd.scheduler(), z_0, noise, text_embeddings=together, **rest)
    alone = [sd.img2img(z_0[[i]], noise[[i]], text_embeddings=prompts[i]["text_embeddings"], **rest) for i in range(2)]
    sentence = "Each picture of a batch, with its own prompt, must give the same result as alone."
    assert_same_latents(sd, actual, torch.cat(alone), sentence, rest)
