"""Stable Diffusion 1.5 in its full size, with seeded weights, on the CPU: small pictures and few steps.

Prints what was measured (`pytest -m slow -s tests/tool/test_tier_full_size.py`): takes 10 GB of memory and of disk.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from grader.authoring import calibrate
from grader.authoring.calibration_table import table
from grader.course.finding import find_course
from grader.diffusion.machine import bench, machine
from grader.diffusion.request import ModelRequest, resolve_model
from grader.diffusion.resources import parameters
from grader.diffusion.tolerances import SCHEMA, Table, to_json
from grader.grading import Grader
from grader.results import Outcome
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission
from tools.tiny_sd import full_size

PROJECT = Path(__file__).parents[2]
COURSE = find_course(PROJECT)
STEPS, PIXELS = 3, 64
WEIGHTS = {"unet": 859_520_964, "vae": 83_653_863, "text_encoder": 123_060_480}  # as published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full_size")
    full_size.write(folder)
    return folder


def test_it_has_as_many_weights_as_the_published_model(model: Path) -> None:
    found = {name: sum(map(parameters, (model / name).glob("*.safetensors"))) for name in WEIGHTS}
    assert found == WEIGHTS


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_right_solutions_equal_the_pipelines_and_mistakes_do_not(dtype: str, model: Path, tmp_path: Path) -> None:
    choice = resolve_model(ModelRequest(str(model), "cpu", dtype, PIXELS))
    trials = calibrate.trials(COURSE.exercises, (STEPS,), seeds=1)
    measured = calibrate.measure(choice, trials, lambda _: None, all_mistakes=True)
    Console(width=120).print(table(measured, tmp_path))
    tolerance = {row.quantity: row.tolerance for row in measured.rows if row.steps in (0, STEPS)}
    for exercise in {trial.exercise.name for trial in trials}:
        here = [case for case in measured.cases if case.trial.exercise.name == exercise]
        right = [case for case in here if not case.solution.startswith("wrong/")]
        wrong = [case for case in here if case.solution.startswith("wrong/")]
        assert all(case.distance <= tolerance[case.quantity] for case in right), exercise
        assert sum(case.distance > tolerance[case.quantity] for case in wrong) >= 3, exercise


def test_it_is_graded_behind_the_boundary(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choice = resolve_model(ModelRequest(str(model), "cpu", "bfloat16", PIXELS))
    trials = calibrate.trials(COURSE.select(["img2img"]), (8,), seeds=1)
    rows = calibrate.measure(choice, trials, lambda _: None).rows
    (tmp_path / "tolerances.json").write_text(to_json(Table(SCHEMA, rows)))
    monkeypatch.setattr("grader.diffusion.tolerances.SHIPPED", tmp_path / "tolerances.json")
    [exercise] = COURSE.select(["img2img"])
    assert exercise.solution is not None
    with ForkServer(Isolation.STRICT, bench(COURSE), machine(choice)) as server:
        grader = Grader(COURSE, server, lessons=[exercise.lesson], model=choice)
        verdict = grader.grade(read_submission(exercise.solution), [exercise])
    assert verdict.outcome is Outcome.PASSED, [check.message for check in verdict.exercises[0].checks]
