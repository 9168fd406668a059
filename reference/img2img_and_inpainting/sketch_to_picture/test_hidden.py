"""What sketch_to_picture must do under other samplers, and with a sketch of another size."""

import pytest
import torch

from grader.checks.images import assert_same_picture


@pytest.mark.parametrize("kind", ["dpm++", "euler"])
@pytest.mark.parametrize("wide", [False, True])
def test_equals_both_stages_elsewhere(submission, sd, kind, wide):
    """Other samplers, prompts and sizes give the two pipelines' picture too."""
    sketch = sd.picture(seed=6)
    if wide:
        sketch = sketch.resize((sketch.width + 2 * sd.scale_factor * 4, sketch.height))
    z_0 = sd.encode(sketch)
    first, second = sd.prompt("a green star at night"), sd.prompt("a yellow circle at the top")
    generator = torch.Generator().manual_seed(7)
    common = {"noise": torch.randn(z_0.shape, generator=generator), "num_inference_steps": 3, "guidance_scale": 3.0}
    mask = torch.zeros(1, 1, *z_0.shape[2:])
    mask[:, :, : mask.shape[2] // 2] = 1
    embeddings = {"sketch_embeddings": first["text_embeddings"], "mask_embeddings": second["text_embeddings"]}
    actual = submission.sketch_to_picture(
        sd.unet, sd.scheduler(kind), sd.vae, sketch=sketch, strength=0.8, mask=mask, **embeddings, **common
    )
    whole = sd.img2img(z_0, strength=0.8, text_embeddings=first["text_embeddings"], kind=kind, **common)
    latents = sd.inpaint(whole, mask, strength=1.0, text_embeddings=second["text_embeddings"], kind=kind, **common)
    sentence = f"Under {kind} the result must be the sketch after img2img and then inpainting, decoded."
    assert_same_picture(actual, sd.decode(latents), sentence)
