"""Fixtures that several test modules share."""

from __future__ import annotations

import itertools
import math
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course import find_course
from grader.grading import Grader
from grader.sandbox import client
from grader.sandbox.client import MODEL_PRELOAD, PRELOAD, ForkServer, Isolation
from grader.submission import read_submission
from helpers.command import Command
from helpers.course_factory import make_course
from helpers.patience import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from grader.results import ExerciseResult

PROJECT = Path(__file__).parents[1]


def pytest_configure() -> None:
    """Compute with one thread: those of several processes on the same cores wait for each other in busy loops."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each module of the tool's tests in one process of several: what its tests share is made once."""
    for item in items:
        if item.path.parent.name == "tool":
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session", autouse=True)
def _fork_servers_have_time_to_start() -> Iterator[None]:
    """Let a slow machine take as long as it needs to import diffusers."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(client, "_START_SECONDS", ENDLESS)
        yield


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


@pytest.fixture
def command(server: ForkServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return the command `grade`, to be run inside this process."""
    return Command(server, monkeypatch, capsys)


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
        grader = Grader(course, server, **{"diagnosis_seconds": math.inf, **options})  # type: ignore[arg-type]
        return grader.grade(read_submission(work), course.exercises).exercises[0]

    return grade
