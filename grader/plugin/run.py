"""Runs the check files of some exercises with pytest inside this process, without anybody's pytest settings."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import hypothesis
import pytest

from grader.errors import GraderError
from grader.plugin.course_imports import forget_course_modules
from grader.plugin.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.plugin.judge import Judge

_UNNEEDED = (
    "cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "pastebin", "recwarn",
    "setuponly", "setupplan", "stepwise", "terminal", "threadexception", "unraisableexception", "warnings",
)  # fmt: skip
_SETTINGS = (
    "--import-mode=importlib",
    f"--config-file={os.devnull}",
    "--noconftest",
    "--capture=no",
    "--continue-on-collection-errors",
    # What a check does not need: most of it takes time in every run, and two of these collect garbage several times.
    *(f"-pno:{name}" for name in _UNNEEDED),
    "-pgrader.plugin",
)


def run_checks(
    judge: Judge,
    exercises: Sequence[Exercise],
    finished: Callable[[Exercise, str], None] | None = None,
    *,
    only: Sequence[str] = (),
    to_first_failure: bool = False,
) -> Recorder:
    """Run all checks of the exercises, or those that `only` names; all of them, or up to the first that fails.

    Raises `GraderError` if pytest itself breaks, or if no check has such a name.
    """
    recorder = Recorder(judge, finished)
    files = [path for exercise in exercises for path in (exercise.public_checks, exercise.hidden_checks) if path]
    checks = [f"{check.path}::{check.name}" for e in exercises for check in e.checks if check.name in only]
    if only and not checks:
        raise GraderError(f"There is no check called {' or '.join(only)}.")
    _forget_other_checks([path for exercise in exercises for path in exercise.check_sources])
    settings = [*_SETTINGS, f"--rootdir={judge.course.root}", *(["--exitfirst"] if to_first_failure else [])]
    with _undisturbed():
        status = pytest.main([*settings, *(checks or map(str, files))], plugins=[recorder])
    if recorder.broken:  # pytest would go on with the half of a module that it has imported
        _forget_checks()
    if recorder.interrupted:
        raise KeyboardInterrupt
    if status in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        raise GraderError(f"pytest could not run the checks: {recorder.internal_error or 'usage error.'}")
    return recorder


_imported: dict[Path, int] = {}


def _forget_other_checks(files: Sequence[Path]) -> None:
    """Make pytest import checks anew if a source of theirs has changed, or if their names were another course's."""
    wanted = {path: path.stat().st_mtime_ns for path in files}
    if wanted.items() <= _imported.items():
        return
    _forget_checks()
    _imported.update(wanted)


def _forget_checks() -> None:
    forget_course_modules()
    _imported.clear()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hide plugins and options meant for other pytest runs, and give Hypothesis its settings back afterwards."""
    changed = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
    before = {name: os.environ.get(name) for name in changed}
    profile = hypothesis.settings.get_current_profile_name()
    os.environ.update(changed)
    try:
        yield
    finally:
        hypothesis.settings.load_profile(profile)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


# Everything heavy is imported by now, and stays: to look through it for garbage takes longer than the checks.
gc.freeze()
