"""A course of one exercise whose checks run on either tier, and tolerances as if they had been measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.course.finding import find_course
from grader.diffusion.tolerances import SCHEMA, Row, Table, to_json
from helpers.equipment import BENCH

if TYPE_CHECKING:
    from grader.course.model import Course

DTYPES = ("float32", "bfloat16", "float16")
CHECKS = '''
import pytest

from grader.checks import assert_close, assert_equal


@pytest.mark.tier("cpu", "gpu")
def test_one_step(submission, sd):
    """One step of DDIM is the pipeline's."""
    run = {"latents": sd.noise(0), "num_inference_steps": 1, **sd.prompt("a red circle on white")}
    actual = submission.sample(sd.unet, sd.scheduler(), **run)
    assert_close(actual, sd.text_to_image(**run), "The result must be the pipeline's.", tolerance=sd.tolerance(run))


def test_on_the_tiny_model(submission, sd):
    """The tiny model's pictures are 64 pixels wide."""
    assert_equal(sd.latent_shape[1] * sd.scale_factor, 64, "64 pixels.")
    submission.sample(sd.unet, sd.scheduler(), sd.noise(0), 1, **sd.prompt("a red circle on white"))


@pytest.mark.tier("gpu")
def test_on_a_real_model(submission, sd):
    """The weights are frozen, by every look at them."""
    submission.sample(sd.unet, sd.scheduler(), sd.noise(0), 1, **sd.prompt("a red circle on white"))
    assert_equal(submission.read.calls(sd.unet)[0]["shape"][0], 2, "Both halves in one pass.")
'''
STUB = '"""One sampling loop."""\n\n\ndef sample(unet, scheduler, latents, num_inference_steps, text_embeddings, guidance_scale):\n    """Sample."""\n    raise NotImplementedError\n'
SOLUTION = """
import torch

@torch.no_grad()
def sample(unet, scheduler, latents, num_inference_steps, text_embeddings, guidance_scale):
    scheduler.set_timesteps(num_inference_steps)
    for t in scheduler.timesteps:
        both = unet(torch.cat([latents] * 2), t, encoder_hidden_states=text_embeddings).sample
        uncond, text = both.chunk(2)
        latents = scheduler.step(uncond + guidance_scale * (text - uncond), t, latents).prev_sample
    return latents
"""
RUBRIC = """
schema = "grader.rubric/1"
title = "Sampling"
points = 10

[exercises.sample]
points = 10

[[exercises.sample.criteria]]
title = "On both"
points = 3
visibility = "public"
checks = ["test_one_step"]

[[exercises.sample.criteria]]
title = "On the tiny one"
points = 2
visibility = "public"
checks = ["test_on_the_tiny_model"]

[[exercises.sample.criteria]]
title = "On a real one"
points = 5
visibility = "public"
tier = "gpu"
checks = ["test_on_a_real_model"]
"""
ROW = Row("cpu", "float32", "latents", 1, 1e-6, 1e-2, 1e-4, 5, "made up")


def make(root: Path, checks: str = CHECKS, rubric: str = RUBRIC) -> Course:
    """Write the course of one exercise, with tolerances for every dtype."""
    files = {
        "exercises/_workbench.py": BENCH.workbench.text,
        "exercises/lesson/sample.py": STUB,
        "exercises/lesson/checks/test_sample.py": checks,
        "reference/lesson/sample/solution.py": SOLUTION,
        "rubrics/lesson.toml": rubric,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    table = Table(SCHEMA, tuple(row(dtype=dtype, tolerance=0.05) for dtype in DTYPES))
    (root / "tolerances.json").write_text(to_json(table))
    return find_course(root)


def row(**changes: Any) -> Row:
    return Row(**{**{name: getattr(ROW, name) for name in Row.__struct_fields__}, **changes})
