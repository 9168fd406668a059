"""Whom a question goes to at a desk: the warm judge, or where there is none, this process."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.desk.warm import messages
from grader.desk.warm.client import Unavailable, WarmJudge, is_wanted
from grader.errors import GraderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from grader.desk.request import Request
    from grader.results import Verdict


def judged(asked: Request, root: Path, *, daemon: bool = True) -> Verdict:
    """Return the verdict on what is asked about the course at `root`.

    Without `daemon`, no judge stays; neither does one in CI, or with GRADE_DAEMON=off. Whatever is wrong with a judge
    that stays, this process judges in its place.

    Raises:
        UsageError: it cannot be judged.
        GraderError: the grader broke.
    """
    if daemon and is_wanted() and asked.isolation != "off":
        with contextlib.suppress(Unavailable, GraderError), Bar() as bar:
            return WarmJudge(root).ask(asked, bar.heard)
    from grader.course.finding import find_course
    from grader.desk.grading import grade_cold

    return grade_cold(find_course(Path(asked.folder)), asked)


class Bar(contextlib.ExitStack):
    """A bar on standard error, if that is a terminal, for what a warm judge says."""

    _finished: Callable[[str], None] | None = None

    def heard(self, message: Any) -> None:
        """Move the bar on."""
        if not sys.stderr.isatty():
            return
        if isinstance(message, messages.Begun):
            from grader.report.progress import progress

            self._finished = self.enter_context(progress(message.checks))
        elif isinstance(message, messages.Finished) and self._finished is not None:
            self._finished(message.exercise)
