"""`grade locate` in exercises on the model, where a copy of a function shares networks and may be cut short."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import bench_locate
from grader.course.finding import find_course
from grader.grading import Conditions, warm_grader
from grader.locating.search import locate
from grader.sandbox.outside.server import Isolation
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.grading import Grader

EXERCISES = ("img2img", "text_to_image")
SECONDS = 15.0  # of the processor: these edits are among the first

pytestmark = pytest.mark.thorough


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    """Return a grader with a fork server that has the model."""
    course = find_course(bench_locate.PROJECT)
    with warm_grader(course, course.select(EXERCISES), Conditions(Isolation.AUTO)) as found:
        yield found


@pytest.mark.parametrize(
    ("name", "right", "wrong", "right_steps"),
    [
        ("img2img", "(noise_text - noise_uncond)", "(noise_text + noise_uncond)", 1),  # the second question is wrong
        (
            "img2img",
            "pure if strength == 1 else scheduler",
            "pure if strength != 1 else scheduler",
            0,
        ),  # the first one is
        ("text_to_image", "pixels / 2", "pixels * 2", None),  # all are right, and the picture is not
    ],
)
def test_the_place_is_named(
    grader: Grader, tmp_path: Path, name: str, right: str, wrong: str, right_steps: int | None
) -> None:
    [exercise] = find_course(bench_locate.PROJECT).select([name])
    assert exercise.solution is not None
    text = exercise.solution.read_text(encoding="utf-8")
    assert text.count(right) == 1
    line = text[: text.index(right)].count("\n") + 1
    (tmp_path / f"{name}.py").write_text(text.replace(right, wrong), encoding="utf-8")
    found = locate(grader, read_submission(tmp_path / f"{name}.py"), exercise, SECONDS)
    assert (found.line, found.last_line, found.right_steps) == (line, line, right_steps)
