"""The course's own exercises pass the exercise checker."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring.verify import verify
from grader.course import Exercise, find_course
from grader.grading import Grader
from grader.results import Outcome
from grader.rubric import load_rubrics
from grader.submission import read_submission

if TYPE_CHECKING:
    from grader.sandbox.client import ForkServer

COURSE = find_course(Path(__file__).parents[2])
RUBRICS = load_rubrics(COURSE)
TRAINING_SECONDS = 20.0  # an exercise whose one call may take longer trains a model
# Whole loops, and training steps, on the model: all their variants take a minute or more each.
LONG = {
    "text_to_image", "latent_training_loss", "img2img", "inpaint", "sketch_to_picture", "lora_training_step",
    "inversion_training_step", "ddpm_sample", "lora_target_modules",
}  # fmt: skip


def marked(exercise: Exercise, long: bool) -> object:
    """Return the exercise as a parameter of a test, slow if it is long or trains."""
    slow = long or RUBRICS[exercise.lesson, exercise.name].call_seconds > TRAINING_SECONDS
    return pytest.param(exercise, id=exercise.name, marks=[pytest.mark.slow] if slow else [])


EXERCISES = [marked(exercise, exercise.name in LONG) for exercise in COURSE.exercises]
ON_MODEL = [marked(exercise, False) for exercise in COURSE.exercises if exercise.on_model]


@pytest.fixture(scope="module")
def grader(model_server: ForkServer) -> Grader:
    return Grader(COURSE, model_server, diagnosis_seconds=math.inf)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_every_check_can_fail_none_is_unfair_and_every_mistake_is_named(exercise: Exercise, grader: Grader) -> None:
    assert verify(grader, exercise).findings == []


@pytest.mark.parametrize("exercise", ON_MODEL)
@pytest.mark.parametrize(
    "result",
    ["None", "torch.full((1, 4, 16, 16), float('nan'))", "[1, 'x']"],
)
def test_an_odd_result_fails_and_breaks_no_check(
    exercise: Exercise, result: str, model_server: ForkServer, tmp_path: Path
) -> None:
    definitions = (f"def {function.name}(*given): return {result}" for function in exercise.functions)
    (tmp_path / "work.py").write_text("\n".join(["import torch", *definitions]))
    grader = Grader(COURSE, model_server, diagnosis_seconds=0)
    checks = grader.grade(read_submission(tmp_path / "work.py"), [exercise]).exercises[0].checks
    outcomes = {check.outcome for check in checks}
    assert outcomes <= {Outcome.FAILED, Outcome.PASSED}, [check.message for check in checks]
    assert Outcome.FAILED in outcomes  # who does nothing has left everything as it was, and passes what asks for that


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_right_solutions_pass_on_other_draws_too(server: ForkServer, seed: int) -> None:
    grader = Grader(COURSE, server, seed=seed)
    for exercise in COURSE.exercises:
        if exercise.on_model:
            continue  # its cases are chosen, not drawn
        for path in (exercise.solution, *exercise.accepted):
            verdict = grader.grade(read_submission(path), [exercise])
            assert verdict.outcome is Outcome.PASSED, (
                f"{path}: {[c.message for e in verdict.exercises for c in e.checks]}"
            )
