"""What sketch_to_picture must do, checked against diffusers' own pipelines on the same model."""

import torch

from exercises._shared._model import asked_timesteps, half_mask
from exercises._shared._runs import saying_where
from grader.checks import assert_equal, assert_far
from grader.checks.images import assert_picture, assert_same_picture, pixels


def task(sd, strength=0.7, num_inference_steps=4, guidance_scale=3.0):
    """Return the arguments of a run, apart from U-Net, scheduler and autoencoder."""
    first, second = sd.prompt("a big red circle in the middle on white"), sd.prompt("a blue square on the right")
    return {
        "sketch": sd.picture(seed=3),
        "sketch_embeddings": first["text_embeddings"],
        "strength": strength,
        "mask": half_mask(sd),
        "mask_embeddings": second["text_embeddings"],
        "noise": sd.noise(4),
        "num_inference_steps": num_inference_steps,
        "guidance_scale": guidance_scale,
    }


def stages(sd, run):
    """Return what diffusers' pipelines are called with in the first and in the second stage."""
    common = {name: run[name] for name in ("noise", "num_inference_steps", "guidance_scale")}
    start = {"z_0": sd.encode(run["sketch"]), "text_embeddings": run["sketch_embeddings"]}
    first = {**start, "strength": run["strength"], **common}
    inside = {"mask": run["mask"], "text_embeddings": run["mask_embeddings"]}
    return first, {"z_0": sd.img2img(**first), **inside, "strength": 1.0, **common}


def test_equals_both_stages(submission, sd):
    """The picture is that of the img2img pipeline, inpainted by the inpainting pipeline and decoded once."""
    run = task(sd)
    first, second = stages(sd, run)
    latents = sd.inpaint(**second)
    assert_far(second["z_0"], latents, 0.1)  # otherwise this check proves nothing
    actual = submission.sketch_to_picture(sd.unet, sd.scheduler(), sd.vae, **run)
    sentence = "The result must be the sketch after img2img and then inpainting, decoded."
    with saying_where(
        lambda: submission.aside.calls(sd.unet),
        lambda: sd.asked("img2img", **first) + sd.asked("inpaint", **second),
        {"the sketch's latents": first["z_0"], "the noise": run["noise"]},
        sd.tolerance(run),
    ):
        assert_same_picture(actual, sd.decode(latents), sentence)


def test_empty_mask_leaves_the_first_stage(submission, sd):
    """With a mask of zeros the second stage changes nothing: the result is the first stage's, decoded."""
    run = task(sd, strength=0.4, num_inference_steps=5, guidance_scale=1.5)
    run["mask"] = torch.zeros_like(run["mask"])
    actual = submission.sketch_to_picture(sd.unet, sd.scheduler(), sd.vae, **run)
    sentence = "With nothing to paint anew, the result must be what img2img makes of the sketch."
    assert_same_picture(actual, sd.decode(stages(sd, run)[1]["z_0"]), sentence)


def test_two_stages_run(submission, sd):
    """The U-Net is asked for the last timesteps in the first stage, and for all of them in the second."""
    submission.sketch_to_picture(sd.unet, sd.scheduler(), sd.vae, **task(sd))
    asked = asked_timesteps(submission.read.calls(sd.unet))
    sentence = "At strength 0.7 of 4 steps int(2.8) = 2 run in the first stage, then all 4 in the second."
    assert_equal(asked, sd.timesteps(4)[-2:] + sd.timesteps(4), sentence, what="What was asked for")


def test_leaves_inputs_alone(submission, sd):
    """The inputs are the same after the call as before it."""
    run = task(sd, num_inference_steps=2)
    after = submission.sketch_to_picture.called_with(sd.unet, sd.scheduler("euler"), sd.vae, **run).arguments
    sketch = assert_picture(after["sketch"], width=run["sketch"].width, height=run["sketch"].height, what="sketch")
    sentence = "sketch_to_picture must not change its input sketch."
    assert_equal(sketch, pixels(run["sketch"]), sentence, what="sketch after the call")
    for name in ("mask", "noise", "sketch_embeddings", "mask_embeddings"):
        sentence = f"sketch_to_picture must not change its input {name}."
        assert_equal(after[name], run[name], sentence, what=f"{name} after the call")
