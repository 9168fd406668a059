"""Points that need a real model: the tiny one stands in for it, under another name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.course.rubric_reading import load_rubrics
from grader.diffusion import loading, tolerances
from grader.diffusion.choice import SEEDED, TINY, TINY_SD, WEIGHTS
from grader.diffusion.machine import bench, machine
from grader.diffusion.request import ModelRequest, resolve_model
from grader.diffusion.tolerances import OF_TINY, SCHEMA, Row, Table, to_json
from grader.grading import Grader
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission
from helpers.patience import PLENTY
from reference._real_mistakes import CAUGHT_ON_A_REAL_MODEL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COURSE = find_course(Path(__file__).parents[2])
RUBRICS = load_rubrics(COURSE)
PIXELS = 128  # twice the side of the model's own pictures: nothing may lean on those
QUICK = ("ddim_step", "restore_rows")  # the others take seconds each


@pytest.fixture(scope="module")
def grader_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Grader]]:
    """Return graders on a copy of the tiny model that calls itself a real one, by lesson."""
    folder = tmp_path_factory.mktemp("models") / "somebodys"
    shutil.copytree(TINY_SD, folder)
    index = folder / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text(encoding="utf-8")) | {WEIGHTS: SEEDED}), encoding="utf-8")
    rows = tuple(
        Row("cpu", "float32", quantity, 50, 0.0, 1.0, tolerance, 1, "made up", weights=SEEDED)
        for quantity, tolerance in OF_TINY.items()
    )
    table = folder / "tolerances.json"
    table.write_text(to_json(Table(SCHEMA, rows)), encoding="utf-8")
    choice = resolve_model(ModelRequest(str(folder), "cpu", "float32", PIXELS))
    with pytest.MonkeyPatch.context() as patch, ForkServer(Isolation.AUTO, bench(COURSE), machine(choice)) as server:
        patch.setattr(tolerances, "SHIPPED", table)
        tolerances.table.cache_clear()
        yield lambda lesson: Grader(COURSE, server, lessons=[lesson], model=choice, call_seconds=PLENTY)
    tolerances.table.cache_clear()
    loading.use(**TINY.arguments())


def test_exercises_with_points_on_a_real_model_have_mistakes_that_these_must_catch() -> None:
    with_points = {name for (_, name), rubric in RUBRICS.items() if any(c.tier == "gpu" for c in rubric.criteria)}
    assert with_points == CAUGHT_ON_A_REAL_MODEL.keys()
    assert len(with_points) >= 12
    for exercise in COURSE.in_code:
        named = set(CAUGHT_ON_A_REAL_MODEL.get(exercise.name, ()))
        assert named <= {path.stem for path in exercise.wrong}
        assert len(named) in (0, 3)


def test_the_desk_does_not_load_a_model_for_checks_that_need_a_real_one() -> None:
    (restore_rows, ddim_step) = (next(e for e in COURSE.in_code if e.name == name) for name in reversed(QUICK))
    assert (restore_rows.on_model, restore_rows.uses_model("gpu", "worker")) == (False, True)
    assert (ddim_step.uses_model("gpu", "worker"), ddim_step.uses_model("gpu", "judge")) == (False, True)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CAUGHT_ON_A_REAL_MODEL]
)
def test_solution_passes_and_three_mistakes_fail(name: str, grader_of: Callable[[str], Grader]) -> None:
    (exercise,) = COURSE.select([name])
    assert exercise.solution is not None
    grader = grader_of(exercise.lesson)
    checks = [check.name for check in exercise.checks if check.tiers == ("gpu",)]
    right = grader.decide(read_submission(exercise.solution), exercise, checks)
    assert {check.name: (str(check.outcome), check.message) for check in right} == dict.fromkeys(checks, ("passed", ""))
    for mistake in CAUGHT_ON_A_REAL_MODEL[name]:
        wrong = exercise.solution.parent / "wrong" / f"{mistake}.py"
        outcomes = {str(check.outcome) for check in grader.decide(read_submission(wrong), exercise, checks)}
        assert "failed" in outcomes, mistake
        assert "error" not in outcomes, mistake
