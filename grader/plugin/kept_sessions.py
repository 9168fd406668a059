"""Keeps pytest's sessions: options are read and checks are collected once for all submissions to an exercise.

`pytest.main` begins anew each time, which takes longer than the checks of many an exercise. Here its steps are taken
one by one. `_prepareconfig` and `Config._do_configure` are not public: tests run with the oldest and the newest pytest.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.config import _prepareconfig

import grader.plugin.folders
from grader import faults
from grader.errors import GraderError
from grader.plugin import JUDGE
from grader.plugin.course_imports import CourseFinder, find_helpers_in
from grader.plugin.replaying import release

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from grader.plugin.recorder import Recorder

_MOST = 64  # more than a course has exercises

_kept: OrderedDict[tuple[str, ...], _Session] = OrderedDict()


def run_session(root: Path, arguments: Sequence[str], recorder: Recorder, *, to_first_failure: bool = False) -> None:
    """Run the checks of a course that pytest's arguments name, and let the recorder hear of all that comes of them.

    All of them run, or those up to the first that fails.

    Raises:
        GraderError: pytest cannot use the arguments, or breaks.
        KeyboardInterrupt: the run was interrupted.
    """
    key = tuple(arguments)
    find_helpers_in(root)
    with _broken(), _same_imports():
        session = _kept.pop(key, None) or _Session(key)
        session.run(recorder, to_first_failure=to_first_failure)
    _kept[key] = session  # but not after an exception: nobody knows in which state it was left
    while len(_kept) > _MOST:
        _kept.popitem(last=False)[1].close()


def forget_sessions() -> None:
    """End all sessions: what would be collected now is something else."""
    while _kept:
        _kept.popitem()[1].close()


class _Session:
    """A pytest that is configured, and the checks that it has collected once it has run."""

    def __init__(self, arguments: Sequence[str]) -> None:
        # By name, each would be looked for among the metadata of everything that is installed.
        self._config = _prepareconfig(list(arguments), plugins=[grader.plugin, grader.plugin.folders])
        # Nobody reads pytest's own account of a failure, and writing it takes longer than the checks.
        self._config.option.tbstyle = "no"
        self._config.pluginmanager.register(self)
        self._recorder: Recorder | None = None
        self._session: pytest.Session | None = None
        self._collected: list[tuple[pytest.Function, Any, list[pytest.Mark]]] = []

    def run(self, recorder: Recorder, *, to_first_failure: bool) -> None:
        """Run all checks, or those up to the first that fails."""
        self._recorder, self._config.stash[JUDGE] = recorder, recorder.judge
        try:
            self._run(self._begun(), to_first_failure=to_first_failure)
        except BaseException:
            self.close()
            raise
        finally:
            self._recorder = None

    def close(self) -> None:
        """Give back what pytest has taken."""
        self._config._ensure_unconfigure()

    def _begun(self) -> pytest.Session:
        """Return the session with its checks as its plugins want them for this run."""
        if self._session is None:
            self._config._do_configure()
            self._session = pytest.Session.from_config(self._config)
            self._config.hook.pytest_sessionstart(session=self._session)
            self._config.hook.pytest_collection(session=self._session)
        else:
            items = self._session.items
            self._config.hook.pytest_collection_modifyitems(session=self._session, config=self._config, items=items)
        return self._session

    def _run(self, session: pytest.Session, *, to_first_failure: bool) -> None:
        session.testsfailed = 0
        try:
            for item, following in zip_longest(session.items, session.items[1:]):
                self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if to_first_failure and session.testsfailed:
                    break
        finally:
            self._config.hook.pytest_sessionfinish(session=session, exitstatus=pytest.ExitCode.OK)
            self._release()

    def _release(self) -> None:
        """Take out of the checks what belongs to the submission that was graded."""
        for item, check, marks in self._collected:
            item.obj = check
            item.own_markers[:] = marks
            release(check)
        if JUDGE in self._config.stash:
            del self._config.stash[JUDGE]
        for name in ("last_exc", "last_type", "last_value", "last_traceback"):  # of the last failure, for a debugger
            vars(sys).pop(name, None)

    # --- hooks ---

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Tell what became of a phase of a check."""
        if self._recorder is not None:
            self._recorder.note_call(item, call)
        return (yield)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Tell whether checks could be collected."""
        if self._recorder is not None:
            self._recorder.note_collection(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep the checks as they were collected, before plugins change them for a submission."""
        functions = [item for item in items if isinstance(item, pytest.Function)]
        self._collected = [(item, item.obj, list(item.own_markers)) for item in functions]


@contextmanager
def _broken() -> Iterator[None]:
    """Make an exception of pytest's own an error of the grader."""
    try:
        yield
    except Exception as error:
        faults.show(error)
        raise GraderError(f"pytest could not run the checks: {faults.reason(error)}") from error


@contextmanager
def _same_imports() -> Iterator[None]:
    """Take pytest's import hook away after a run: it rewrites tests, and others import tests in this process, too."""
    before = list(sys.meta_path)
    try:
        yield
    finally:
        sys.meta_path[:] = [each for each in sys.meta_path if each in before or isinstance(each, CourseFinder)]
