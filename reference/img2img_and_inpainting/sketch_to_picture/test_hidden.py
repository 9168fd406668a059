"""What sketch_to_picture must do under other samplers, and with a sketch of another size."""

import pytest
import torch

from exercises._shared._model import half_mask, prompt_of
from grader.checks.images import assert_same_picture


@pytest.mark.parametrize("kind", ["dpm++", "euler"])
@pytest.mark.parametrize("wide", [False, True])
def test_equals_both_stages_elsewhere(submission, sd, kind, wide):
    """Other samplers, prompts and sizes give the two pipelines' picture too."""
    sketch = sd.picture(seed=6)
    if wide:
        sketch = sketch.resize((sketch.width + 2 * sd.scale_factor * 4, sketch.height))
    z_0 = sd.encode(sketch)
    first, second = sd.prompt("a big purple cross on sand"), sd.prompt("a green star at the top at night")
    generator = torch.Generator().manual_seed(7)
    common = {"noise": torch.randn(z_0.shape, generator=generator), "num_inference_steps": 4, "guidance_scale": 3.0}
    mask = torch.zeros(1, 1, *z_0.shape[2:])
    mask[:, :, : mask.shape[2] // 2] = 1
    embeddings = {"sketch_embeddings": first["text_embeddings"], "mask_embeddings": second["text_embeddings"]}
    actual = submission.sketch_to_picture(
        sd.unet, sd.scheduler(kind), sd.vae, sketch=sketch, strength=0.5, mask=mask, **embeddings, **common
    )
    whole = sd.img2img(z_0, strength=0.5, text_embeddings=first["text_embeddings"], kind=kind, **common)
    latents = sd.inpaint(whole, mask, strength=1.0, text_embeddings=second["text_embeddings"], kind=kind, **common)
    sentence = f"Under {kind} the result must be the sketch after img2img and then inpainting, decoded."
    assert_same_picture(actual, sd.decode(latents), sentence)


@pytest.mark.tier("gpu")
@pytest.mark.parametrize("kind", ["ddim", "euler"])
def test_real_model_runs_both_stages(submission, sd, kind):
    """On a real model, the picture is that of both pipelines, one after the other, decoded once."""
    first, second = prompt_of(sd, 2), prompt_of(sd, 3)
    common = {"noise": sd.noise(4), "num_inference_steps": 2, "guidance_scale": first["guidance_scale"]}
    stage = {**common, "strength": 0.6, "text_embeddings": first["text_embeddings"], "kind": kind}
    whole = sd.img2img(sd.encode(sd.picture(seed=6)), **stage)
    stage = {**common, "strength": 1.0, "text_embeddings": second["text_embeddings"], "kind": kind}
    expected = sd.decode(sd.inpaint(whole, half_mask(sd), **stage))
    embeddings = {"sketch_embeddings": first["text_embeddings"], "mask_embeddings": second["text_embeddings"]}
    given = {"sketch": sd.picture(seed=6), "strength": 0.6, "mask": half_mask(sd), **embeddings, **common}
    actual = submission.sketch_to_picture(sd.unet, sd.scheduler(kind), sd.vae, **given)
    sentence = f"Under {kind} the real model's picture must be that of img2img and then inpainting, decoded."
    # One run goes on from the other: what rounding has done by then is that of as many steps as both have.
    tolerance = sd.tolerance({"num_inference_steps": 2 * common["num_inference_steps"]}, "picture")
    assert_same_picture(actual, expected, sentence, tolerance=tolerance)
