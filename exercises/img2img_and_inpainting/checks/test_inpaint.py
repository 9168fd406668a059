"""What inpaint must do, checked against diffusers' own pipelines on the same model."""

import pytest
import torch

from exercises._shared._model import asked_timesteps, assert_same_latents, half_mask, prompt_of
from exercises.img2img_and_inpainting.checks._pipelines import PUBLIC_CASES, assert_run, text_to_image
from grader.checks import assert_close, assert_different, assert_equal, assert_far, assert_like


def task(sd, strength=0.65, num_inference_steps=6, seed=0, mask=None):
    """Return the arguments of a run, apart from U-Net and scheduler."""
    start = {"z_0": sd.latents(seed), "mask": half_mask(sd) if mask is None else mask, "noise": sd.noise(seed + 1)}
    return {**start, "strength": strength, "num_inference_steps": num_inference_steps, **prompt_of(sd, seed)}


@pytest.mark.tier("cpu", "gpu")
def test_equals_the_pipeline(submission, sd):
    """The result is that of StableDiffusionInpaintPipeline, under each of three samplers."""
    for case in PUBLIC_CASES:
        run = task(sd) | case.numbers()
        sentence = f"At strength {case.strength} the result under {case.kind} must be that of the inpainting pipeline."
        assert_run(submission, sd, "inpaint", run, case.kind, sentence)


@pytest.mark.tier("cpu", "gpu")
def test_full_mask_is_img2img(submission, sd):
    """Repainting every place is exactly img2img."""
    run = task(sd, mask=torch.ones_like(half_mask(sd)))
    img2img = {name: value for name, value in run.items() if name != "mask"}
    sentence = "With nothing to keep, the result must be that of the img2img pipeline."
    assert_run(submission, sd, "inpaint", run, "ddim", sentence, ("img2img", img2img))


@pytest.mark.tier("cpu", "gpu")
def test_full_mask_at_full_strength_is_text_to_image(submission, sd):
    """Repainting every place at strength 1 is exactly text-to-image from the same noise."""
    run = task(sd, strength=1.0, mask=torch.ones_like(half_mask(sd)))
    sentence = "At strength 1 with nothing to keep, the result must be that of text-to-image from the same noise."
    assert_run(submission, sd, "inpaint", run, "euler", sentence, text_to_image(run))


@pytest.mark.tier("cpu", "gpu")
def test_empty_mask_returns_the_picture(submission, sd):
    """A mask of zeros repaints nothing: the result is z_0."""
    run = task(sd, mask=torch.zeros_like(half_mask(sd)))
    actual = submission.inpaint(sd.unet, sd.scheduler(), **run)
    sentence = "With nothing to repaint, the result must be z_0."
    assert_same_latents(sd, actual, run["z_0"], sentence, run)


@pytest.mark.tier("cpu", "gpu")
def test_zero_strength_returns_the_picture(submission, sd):
    """Strength 0, or less than one step, returns z_0, whatever the mask."""
    for strength in (0.0, 0.1):
        run = task(sd, strength=strength)
        actual = submission.inpaint(sd.unet, sd.scheduler(), **run)
        sentence = f"Strength {strength} of 6 steps runs no step: the result must be z_0."
        assert_same_latents(sd, actual, run["z_0"], sentence, run)


@pytest.mark.tier("cpu", "gpu")
def test_kept_part_is_the_original(submission, sd):
    """Where the mask is 0, the result is z_0."""
    run = task(sd, strength=1.0)
    actual = submission.inpaint(sd.unet, sd.scheduler(), **run)
    kept = run["mask"].expand_as(run["z_0"]) == 0
    actual = assert_like(actual, run["z_0"], like="z_0")
    sentence = "After the last step the kept part must be z_0 itself, without any noise."
    assert_close(
        torch.where(kept, actual, 0.0),
        torch.where(kept, run["z_0"], 0.0),
        sentence,
        tolerance=sd.tolerance(run),
    )


@pytest.mark.tier("cpu", "gpu")
def test_what_is_painted_depends_on_what_is_kept(submission, sd):
    """The painted part fits what is around it: around another picture, something else is painted."""
    first, second = task(sd, strength=1.0, seed=0), task(sd, strength=1.0, seed=0)
    second["z_0"] = sd.latents(9)
    painted = first["mask"].expand_as(first["z_0"]) == 1
    results = [
        assert_like(submission.inpaint(sd.unet, sd.scheduler(), **run), run["z_0"], like="z_0")[painted]
        for run in (first, second)
    ]
    expected = [sd.inpaint(**run)[painted] for run in (first, second)]
    assert_far(*expected, 0.1)  # otherwise this check proves nothing
    sentence = (
        "At strength 1 two runs that differ only in what is kept must paint different things: the U-Net has to see "
        "the kept part at every step."
    )
    assert_different(*results, sentence, least=0.01)


@pytest.mark.tier("cpu", "gpu")
def test_asks_for_the_last_timesteps(submission, sd):
    """The U-Net is asked for the same timesteps as in img2img: the last ones, as many as the strength lets run."""
    submission.inpaint(sd.unet, sd.scheduler(), **task(sd))
    asked = asked_timesteps(submission.read.calls(sd.unet))
    sentence = "Of 6 steps at strength 0.65, int(3.9) = 3 run: the last three."
    assert_equal(asked, sd.timesteps(6)[-3:], sentence, what="What was asked for")


@pytest.mark.tier("cpu", "gpu")
@pytest.mark.parametrize(("kind", "strength"), [("ddim", 0.65), ("euler", 1.0)])
def test_leaves_inputs_alone(submission, sd, kind, strength):
    """The inputs are the same after the call as before it."""
    run = task(sd, strength, num_inference_steps=2)
    after = submission.inpaint.called_with(sd.unet, sd.scheduler(kind), **run).arguments
    for name in ("z_0", "mask", "noise", "text_embeddings"):
        sentence = f"inpaint must not change its input {name}."
        assert_equal(after[name], run[name], sentence, what=f"{name} after the call")
