"""Runs the check files of some exercises with pytest inside this process, without anybody's pytest settings."""

from __future__ import annotations

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import hypothesis

from grader.errors import GraderError
from grader.plugin.course_imports import forget_course_modules
from grader.plugin.kept_sessions import forget_sessions, run_session
from grader.plugin.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from grader.course.model import Exercise
    from grader.plugin.judge import Judge

_UNNEEDED = (
    "cacheprovider", "debugging", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "pastebin", "recwarn",
    "setuponly", "setupplan", "stepwise", "terminal", "threadexception", "tmpdir", "unraisableexception", "warnings",
)  # fmt: skip
_SETTINGS = (
    "--import-mode=importlib",
    f"--config-file={os.devnull}",
    "--noconftest",
    "--capture=no",
    # What a check does not need: most of it takes time in every run, and two of these collect garbage several times.
    *(f"-pno:{name}" for name in _UNNEEDED),
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
    root = judge.course.root
    _forget_other_checks(root, [path for exercise in exercises for path in exercise.check_sources])
    # Without the second, pytest lists every folder that the course lies in, which may be large or closed to us.
    arguments = [*_SETTINGS, f"--rootdir={root}", f"--confcutdir={root}", *(checks or map(str, files))]
    with _undisturbed():
        run_session(root, arguments, recorder, to_first_failure=to_first_failure)
    if recorder.broken:  # pytest would go on with the half of a module that it has imported
        _forget_checks()
    return recorder


_imported: dict[tuple[Path, Path], int] = {}  # sources of checks, after the root of their course: when each was changed


def _forget_other_checks(root: Path, files: Sequence[Path]) -> None:
    """Have checks imported anew if a source of theirs has changed, or if what is imported is another course's."""
    wanted = {(root, path): path.stat().st_mtime_ns for path in files}
    others = any(course != root for course, _ in _imported)
    if others or any(_imported.get(place, changed) != changed for place, changed in wanted.items()):
        _forget_checks()
    _imported.update(wanted)


def _forget_checks() -> None:
    forget_sessions()
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
