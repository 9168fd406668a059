"""The pytest plugin: runs check files against a submission behind the boundary, under `grade` and under plain pytest.

    pytest exercises reference --submission PATH

Loaded by pytest in every environment that has the grader, so it imports nothing heavy until a check is collected.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from grader.plugin.judge import Judge
    from grader.sandbox.outside.remote import RemoteSubmission

JUDGE = pytest.StashKey["Judge"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options for checks that are run by plain pytest."""
    group = parser.getgroup("grader", "exercises checked by the grader")
    group.addoption("--submission", metavar="PATH", help="the .py file or folder to check (default: the stubs)")
    group.addoption(
        "--isolation", choices=("strict", "auto", "off"), default="auto", help="how a submission is confined"
    )
    group.addoption("--draw-seed", type=int, metavar="N", help="draw other inputs than the repeatable ones")
    group.addoption("--call-timeout", type=float, metavar="SECONDS", help="CPU seconds one call may take")


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark of tiers known."""
    config.addinivalue_line("markers", 'tier("cpu", "gpu"): on which models a check runs, the tiny one and a real one')


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> None:
    """Make ready for importing a check file: its course's helpers, and Hypothesis, whose decorators read settings."""
    judge = _judge_of(parent.config, module_path)
    if judge is not None:
        from grader.plugin.course_imports import find_helpers_in
        from grader.plugin.examples import use_profile

        find_helpers_in(judge.course.root)
        use_profile()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Make the examples of every property known to the transcript, and skip checks of another tier."""
    for item in items:
        judge = _judge_of(config, item.path)
        if judge is not None and isinstance(item, pytest.Function):
            from grader.plugin.examples import prepare
            from grader.plugin.noting import note_failures
            from grader.plugin.replaying import replay

            prepare(item, judge)
            note_failures(item, judge)
            replay(item, judge)
            if reason := judge.why_skipped(judge.exercise_of(item.path), item.originalname):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_assertrepr_compare() -> Generator[None, list[list[str]], list[list[str]]]:
    """Let a check say less of two values where pytest, before 9.1, needs the terminal that it runs without."""
    try:
        return (yield)
    except AssertionError:
        return []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report a failed check by its sentence, without a traceback through the grader."""
    report = yield
    judge = _judge_of(item.config, item.path)
    if judge is not None and call.excinfo is not None and report.failed:
        from grader.plugin.outcome import explain
        from grader.results import Outcome

        exercise = judge.exercise_of(item.path)
        explained = explain(call.excinfo.value, exercise, judge.session(exercise))
        if explained.outcome is Outcome.FAILED:
            report.longrepr = explained.text()
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the fork server of a plain pytest run; `grade` ends its own."""
    judge = config.stash.get(JUDGE, None)
    if judge is not None and judge.owns_server:
        judge.server.close()


@pytest.fixture(scope="module")
def submission(request: pytest.FixtureRequest) -> RemoteSubmission:
    """Return the submission under judgement; its functions run in a worker process."""
    judge = _judge_of(request.config, request.path)
    if judge is None:
        pytest.fail(
            f"{request.path} is not a check file of this course: name it in a check of an exercise.", pytrace=False
        )
    return judge.remote(judge.exercise_of(request.path))


@pytest.fixture(scope="module")
def sd(request: pytest.FixtureRequest) -> Any:
    """Return the Stable Diffusion that exercises on the model are graded on (see `StableDiffusion`)."""
    from grader.diffusion.stable_diffusion import stable_diffusion

    judge = _judge_of(request.config, request.path)
    return stable_diffusion(course=None if judge is None else judge.course.root)


@pytest.fixture(scope="module")
def judge_sd(sd: Any) -> Any:
    """Return the same for checks that use it in the judge alone: no model is loaded beside the submission."""
    return sd


@pytest.fixture(scope="module")
def reference(request: pytest.FixtureRequest) -> Any:
    """Return the module of the reference solution; for hidden checks only."""
    from grader.errors import GraderError

    judge = _judge_of(request.config, request.path)
    exercise = judge.exercise_of(request.path) if judge is not None else None
    if exercise is None or exercise.solution is None or request.path != exercise.hidden_checks:
        raise GraderError(f"{request.path} uses `reference`, but only hidden checks may: move the check there.")
    spec = importlib.util.spec_from_file_location(f"reference_{exercise.name}", exercise.solution)
    if spec is None or spec.loader is None:
        raise GraderError(f"{exercise.solution} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _judge_of(config: pytest.Config, path: Path) -> Judge | None:
    """Return the judge if `path` is a check file of its course; in a plain run, the first such file makes the judge."""
    judge = config.stash.get(JUDGE, None)
    if judge is None:
        if not _looks_like_a_check(path):
            return None
        from grader.errors import UsageError
        from grader.plugin.judge import judge_of_plain_run

        try:
            judge = config.stash[JUDGE] = judge_of_plain_run(
                path,
                submission=config.getoption("--submission"),
                isolation=config.getoption("--isolation"),
                seed=config.getoption("--draw-seed"),
                call_seconds=config.getoption("--call-timeout"),
            )
        except UsageError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
    return judge if judge.is_check_file(path) else None


def _looks_like_a_check(path: Path) -> bool:
    """Tell from its path whether a file may be a check, so that other people's tests are left alone."""
    public = path.parent.name == "checks" and path.parent.parent.parent.name == "exercises"
    hidden = path.name == "test_hidden.py" and path.parent.parent.parent.name == "reference"
    return public or hidden
