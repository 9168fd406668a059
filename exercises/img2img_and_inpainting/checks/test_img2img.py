"""What img2img must do, checked against diffusers' own pipelines on the same model."""

import pytest

from exercises._shared._model import asked_timesteps, assert_rising, assert_same_latents, prompt_of
from exercises.img2img_and_inpainting.checks._pipelines import PUBLIC_CASES, assert_run, text_to_image
from grader.checks import assert_equal, assert_like


def task(sd, strength=0.65, num_inference_steps=6, seed=0):
    """Return the arguments of a run, apart from U-Net and scheduler."""
    start = {"z_0": sd.latents(seed), "noise": sd.noise(seed + 1)}
    return {**start, "strength": strength, "num_inference_steps": num_inference_steps, **prompt_of(sd, seed)}


@pytest.mark.tier("cpu", "gpu")
def test_equals_the_pipeline(submission, sd):
    """Below strength 1 the result is that of StableDiffusionImg2ImgPipeline, under each of three samplers."""
    for case in PUBLIC_CASES:
        run = task(sd) | case.numbers()
        sentence = f"At strength {case.strength} the result under {case.kind} must be that of the img2img pipeline."
        assert_run(submission, sd, "img2img", run, case.kind, sentence)


@pytest.mark.tier("cpu", "gpu")
def test_full_strength_is_text_to_image(submission, sd):
    """Strength 1 is exactly text-to-image from the same noise: nothing of the picture is left."""
    run = task(sd, strength=1.0)
    for kind in ("ddim", "euler"):
        sentence = f"At strength 1 the result under {kind} must be that of text-to-image from the same noise."
        assert_run(submission, sd, "img2img", run, kind, sentence, text_to_image(run))


@pytest.mark.tier("cpu", "gpu")
def test_zero_strength_returns_the_picture(submission, sd):
    """Strength 0, or less than one step, returns z_0."""
    for strength in (0.0, 0.1):
        run = task(sd, strength=strength)
        actual = submission.img2img(sd.unet, sd.scheduler(), **run)
        sentence = f"Strength {strength} of 6 steps runs no step: the result must be z_0."
        assert_same_latents(sd, actual, run["z_0"], sentence, run)


@pytest.mark.tier("cpu", "gpu")
def test_asks_for_the_last_timesteps(submission, sd):
    """The U-Net is asked for the last timesteps of the scheduler's list, as many as the strength lets run, in order."""
    run = task(sd)
    submission.img2img(sd.unet, sd.scheduler(), **run)
    asked = asked_timesteps(submission.read.calls(sd.unet))
    expected = sd.timesteps(6)[-3:]
    assert_equal(
        asked, expected, "Of 6 steps at strength 0.65, int(3.9) = 3 run: the last three.", what="What was asked for"
    )


@pytest.mark.tier("cpu", "gpu")
def test_more_strength_leads_further_away(submission, sd):
    """The more strength, the further the result is from the picture."""
    distances = []
    for strength in (0.2, 0.55, 0.9):
        run = task(sd, strength=strength, num_inference_steps=5, seed=4)
        actual = assert_like(submission.img2img(sd.unet, sd.scheduler(), **run), run["z_0"], like="z_0")
        distances.append(float((actual - run["z_0"]).abs().mean()))
    sentence = "Strengths 0.2, 0.55 and 0.9 of the same picture and noise must lead further and further from z_0."
    assert_rising(distances, sentence)


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize(("kind", "strength"), [("ddim", 0.65), ("euler", 1.0)])
def test_leaves_inputs_alone(submission, sd, kind, strength):
    """The inputs are the same after the call as before it."""
    run = task(sd, strength, num_inference_steps=2)
    after = submission.img2img.called_with(sd.unet, sd.scheduler(kind), **run).arguments
    for name in ("z_0", "noise", "text_embeddings"):
        sentence = f"img2img must not change its input {name}."
        assert_equal(after[name], run[name], sentence, what=f"{name} after the call")
