"""Fixtures that several test modules share."""

from __future__ import annotations

import itertools
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course import find_course
from grader.grading import Grader
from grader.sandbox.client import MODEL_PRELOAD, PRELOAD, ForkServer, Isolation
from grader.submission import read_submission
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.results import ExerciseResult

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """Return one warm fork server for all tests that do not harm it."""
    with ForkServer(Isolation.STRICT, PRELOAD) as server:
        yield server


@pytest.fixture(scope="session")
def model_server() -> Iterator[ForkServer]:
    """Return one warm fork server that has the tiny Stable Diffusion loaded."""
    with ForkServer(Isolation.STRICT, MODEL_PRELOAD) as server:
        yield server


@pytest.fixture(scope="module")
def diffusers() -> Iterator[Any]:
    """Return diffusers, whose own deprecation warnings are not ours to fix."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import diffusers

        yield diffusers


@pytest.fixture
def graded(tmp_path: Path, server: ForkServer) -> Callable[..., ExerciseResult]:
    """Grade a source text as `double` of a small course, made with the given changes."""
    numbers = itertools.count()

    def grade(source: str, changes: dict[str, str | None] | None = None, **options: object) -> ExerciseResult:
        course = find_course(make_course(tmp_path / f"course{next(numbers)}", changes=changes))
        work = tmp_path / "work.py"
        work.write_text(source, encoding="utf-8")
        grader = Grader(course, server, **options)  # type: ignore[arg-type]
        return grader.grade(read_submission(work), course.exercises).exercises[0]

    return grade


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which Python looks for packages first."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder
