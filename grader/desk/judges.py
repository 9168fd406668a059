"""Whom a question goes to at a desk: the warm judge, or where there is none, this process or a judge of its own."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from grader import faults
from grader.desk.warm import messages
from grader.desk.warm.client import Unavailable, WarmJudge, is_wanted
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.desk.request import Request
    from grader.locating.located import Located
    from grader.results import Verdict

T = TypeVar("T")


def judged(
    asked: Request,
    root: Path,
    *,
    daemon: bool = True,
    silent: bool = False,
    meanwhile: Callable[[], object] = lambda: None,
) -> Verdict:
    """Return the verdict on what is asked about the course at `root`.

    Without `daemon`, no judge stays; neither does one in CI, or with GRADE_DAEMON=off. Whatever is wrong with a judge
    that stays, this process judges in its place. There is no bar if `silent`. A judge that stays
    thinks in another process: `meanwhile` is what this one does in that time.

    Raises:
        UsageError: it cannot be judged.
        GraderError: the grader broke.
    """
    if _may_stay(asked, daemon=daemon):
        with contextlib.suppress(Unavailable, GraderError), Bar(silent=silent) as bar:
            return WarmJudge(root).ask(asked, bar.heard, meanwhile)
    from grader.course.finding import find_course
    from grader.desk.grading import grade_cold

    return grade_cold(find_course(Path(asked.folder)), asked, silent=silent)


def debugged(asked: Request, root: Path, *, daemon: bool = True) -> messages.Debugged:
    """Have the smallest failing input written as a script by whoever judges, and return where it is.

    Raises:
        UsageError: nothing fails, or what fails has no input (a syntax error).
        GraderError: the grader broke.
    """
    if _may_stay(asked, daemon=daemon):
        with contextlib.suppress(Unavailable, GraderError), Bar() as bar:
            return WarmJudge(root).debug(asked, bar.heard)
    from grader.course.finding import find_course
    from grader.desk.debugging import debug_cold

    return debug_cold(find_course(Path(asked.folder)), asked)


def located(asked: Request, root: Path, *, daemon: bool = True, silent: bool = False) -> Located:
    """Have the place of the mistake found by whoever judges, and return it. There is no bar if `silent`.

    Raises:
        UsageError: nothing fails, or what fails has no place (a syntax error).
        GraderError: the grader broke.
    """
    if _may_stay(asked, daemon=daemon):
        with contextlib.suppress(Unavailable, GraderError), Bar(silent=silent) as bar:
            return WarmJudge(root).locate(asked, bar.heard)
    from grader.course.finding import find_course
    from grader.desk.locating import locate_cold

    return locate_cold(find_course(Path(asked.folder)), asked, silent=silent)


def _may_stay(asked: Request, *, daemon: bool) -> bool:
    """Tell whether a judge may stay that has answered this."""
    return daemon and is_wanted() and asked.isolation != "off"


class StayingJudge:
    """Whom a window asks that stays open, such as `grade watch` or a notebook: the shared judge, or one of its own.

    It has one of its own where no judge may stay, or where the shared one cannot be had; that one ends with `close`.
    """

    def __init__(self, root: Path, *, daemon: bool = True) -> None:
        """Without `daemon`, the shared judge is never asked."""
        self._root = root
        self._daemon = daemon
        self._shared = WarmJudge(root)
        self._own: WarmJudge | None = None
        self._debugging = False

    def start(self) -> None:
        """Have a judge get warm, and do not wait for it; raise `Unavailable` if none can be started."""
        if self._daemon and is_wanted():
            with contextlib.suppress(Unavailable):
                return self._shared.start()
        return self._its_own().start()

    def ask(self, asked: Request, heard: Callable[[Any], None] | None = None) -> Verdict:
        """Return the verdict; raise as `WarmJudge.ask` does."""
        return self._answer(lambda judge: judge.ask(asked, heard))

    def locate(self, asked: Request, heard: Callable[[Any], None] | None = None) -> Located:
        """Return the place of the mistake; raise as `WarmJudge.ask` does."""
        return self._answer(lambda judge: judge.locate(asked, heard))

    def _answer(self, ask: Callable[[WarmJudge], T]) -> T:
        if self._daemon and is_wanted():
            with contextlib.suppress(Unavailable, GraderError):
                return ask(self._shared)
        with contextlib.suppress(Unavailable):  # it has been ended: the same question to the next one
            return ask(self._its_own())
        return ask(self._its_own())

    def cancel(self) -> None:
        """Take the question back that another thread is asking."""
        self._shared.cancel()
        if self._own is not None:
            self._own.cancel()

    def close(self) -> None:
        """Take a question back, and end a judge of its own."""
        self._shared.close()
        if self._own is not None:
            self._own.close()
            self._own = None

    def _its_own(self) -> WarmJudge:
        """Return the judge of this window; another one if tracebacks are to be shown since."""
        if self._own is not None and self._debugging != faults.debugging():
            self._own.close()
            self._own = None
        if self._own is None:
            self._own, self._debugging = WarmJudge(self._root, private=True), faults.debugging()
        return self._own


class Bar(contextlib.ExitStack):
    """A bar on standard error, if that is a terminal, for what a warm judge says; none if `silent`."""

    def __init__(self, *, silent: bool = False) -> None:
        super().__init__()
        self._silent = silent
        self._finished: Callable[[str], None] | None = None

    def heard(self, message: Any) -> None:
        """Move the bar on."""
        if self._silent or not sys.stderr.isatty():
            return
        if isinstance(message, messages.Begun):
            from grader.report.progress import progress

            self._finished = self.enter_context(progress(message.checks))
        elif isinstance(message, messages.Finished) and self._finished is not None:
            self._finished(message.exercise)
