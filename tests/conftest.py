"""Fixtures that several test modules share."""

from __future__ import annotations

import gc
import itertools
import math
import os
import signal
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from grader import garbage
from grader.course.finding import find_course
from grader.sandbox import limits
from grader.sandbox.outside.server import ForkServer, Isolation
from grader.submission.reading import read_submission
from helpers import repository, surroundings
from helpers.command import Command, jobs_here, work_off_by
from helpers.course_factory import make_course
from helpers.equipment import BENCH, WITH_MODEL
from helpers.patience import ENDLESS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from grader.results import ExerciseResult

PROJECT = Path(__file__).parents[1]
INTEGRATION = Path(__file__).parent / "integration"
collect_ignore = ["second_course"]  # its checks are of submissions to it, and no tests of ours


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for tests in poorer surroundings."""
    group = parser.getgroup("surroundings", "tests of the grader in poorer surroundings")
    group.addoption(
        "--without-torch", action="store_true", help="refuse PyTorch and what needs it; run the tests marked `light`"
    )
    group.addoption(
        "--unconfined", action="store_true", help="run where nothing can be confined; skip the tests marked `confined`"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Set what test modules take over when they are imported; make sure that the surroundings are what options say."""
    # Threads of several processes on the same cores would wait for each other in busy loops.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.pop("COLUMNS", None)  # tests of narrow screens say how narrow
    os.environ["GRADE_DAEMON"] = "off"  # no test leaves a judge behind, or is answered by that of another
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell has it for what runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C is tested, in processes that inherit this
    # A slow machine takes as long for an example as it must.
    hypothesis.settings.register_profile(
        "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("unhurried")
    repository.make_importable()
    if config.getoption("--without-torch"):
        surroundings.refuse_torch()
    if config.getoption("--unconfined") and (found := surroundings.means_of_confinement()):
        raise pytest.UsageError(f"--unconfined: here is {' and '.join(found)}. Run it under tools/unconfined.py.")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among modules and tests, now or later: they stay to the end."""
    with garbage.left_alone():
        collected = yield
    gc.freeze()
    return collected


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without PyTorch, leave alone the test files that have no light test: most cannot be imported."""
    if config.getoption("--without-torch") and collection_path.name.startswith("test_"):
        return True if "mark.light" not in collection_path.read_text(encoding="utf-8") else None
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the surroundings do not allow; what needs a browser or a server is among the thorough tests."""
    for item in items:
        if INTEGRATION in item.path.parents:
            item.add_marker(pytest.mark.thorough)
    if config.getoption("--without-torch"):
        heavy = [item for item in items if not item.get_closest_marker("light") or item.get_closest_marker("torch")]
        config.hook.pytest_deselected(items=heavy)
        items[:] = [item for item in items if item not in heavy]
    if config.getoption("--unconfined"):
        skip = pytest.mark.skip(reason="needs Landlock, seccomp and /proc")
        for item in items:
            if item.get_closest_marker("confined") is not None:
                item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def _fork_servers_have_time_to_start() -> Iterator[None]:
    """Let a slow machine take as long as it needs to import diffusers."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(limits, "START_SECONDS", ENDLESS)
        yield


@pytest.fixture(scope="session")
def isolation(pytestconfig: pytest.Config) -> Isolation:
    """Return what submissions are graded under: strict isolation, where it is not said that there is none."""
    return Isolation.OFF if pytestconfig.getoption("--unconfined") else Isolation.STRICT


@pytest.fixture(scope="session")
def server(isolation: Isolation) -> Iterator[ForkServer]:
    """Return one warm fork server for all tests that do not harm it."""
    with ForkServer(isolation, BENCH) as server:
        yield server


@pytest.fixture(scope="session")
def model_server(isolation: Isolation) -> Iterator[ForkServer]:
    """Return one warm fork server that has the tiny Stable Diffusion loaded."""
    with ForkServer(isolation, WITH_MODEL) as server:
        yield server


@pytest.fixture
def command(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return the command `grade`, to be run inside this process."""
    return Command(server, monkeypatch)


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
    from grader.grading import Grader

    numbers = itertools.count()

    def grade(source: str, changes: dict[str, str | None] | None = None, **options: object) -> ExerciseResult:
        course = find_course(make_course(tmp_path / f"course{next(numbers)}", changes=changes))
        work = tmp_path / "work.py"
        work.write_text(source, encoding="utf-8")
        grader = Grader(course, server, **{"diagnosis_seconds": math.inf, **options})  # type: ignore[arg-type]
        return grader.grade(read_submission(work), course.exercises).exercises[0]

    return grade


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which Python looks for packages first."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def jobs_in_this_process(server: ForkServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do at once what a class's jobs do in processes of their own, which take seconds to start."""
    work_off_by(jobs_here(server), monkeypatch)
