"""Grading from a program: `grader.grade(...)` returns the verdict that `grade` prints.

The work is judged in processes of their own, as confined as at a desk, so nothing of it runs in the program that asks,
and that program imports neither PyTorch nor pytest. A judge stays for the next question, and ends with the program.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from grader import faults
from grader.course.outline import find_outline
from grader.desk import choosing
from grader.desk.judges import StayingJudge
from grader.desk.request import Request
from grader.desk.warm.client import Unavailable
from grader.errors import GraderError, UsageError
from grader.jobs import usable_cores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from grader.course.outline import Outline
    from grader.results import Verdict

Isolation = Literal["strict", "auto", "off"]
_SOURCE = "submission.py"  # what messages call work that was given as text
_FILES = (".py", ".ipynb", ".zip")


def grade(
    source_or_path: str | os.PathLike[str],
    exercises: str | Sequence[str] = (),
    *,
    course: str | os.PathLike[str] | None = None,
    isolation: Isolation = "auto",
    seed: int | None = None,
    call_seconds: float | None = None,
    to_first_failure: bool = False,
) -> Verdict:
    """Grade one submission and return the verdict.

    The first call for a course takes seconds, because a judge starts; the next ones take what `grade` takes at a desk.
    Calls from several threads run side by side, with at most one judge a core; more of them wait for their turn.

    Args:
        source_or_path: The text of a Python file as a `str`; or, as a `pathlib.Path`, a `.py` file, a notebook, a
            `.zip` or a folder.
        exercises: One name or several, of exercises or lessons; none for the whole course.
        course: The course's folder or any folder in it; the one that the working directory lies in if not given.
        isolation: `"strict"` refuses to run the submission unconfined, `"auto"` confines it where the system can,
            `"off"` does not. `Verdict.isolation` says what was in force.
        seed: Draws other inputs; without it, they are the same every time.
        call_seconds: CPU seconds one call of a function may take, 0.1 to 3600; the rubric's if not given.
        to_first_failure: Leaves out the exercises after the first that does not pass.

    Returns:
        The verdict. What is wrong with a submission (it cannot be read, it does not compile, it runs for ever) is
        in there, not raised. `Verdict.outcome` is `passed`, `failed`, `skipped`, or `error` if the grader broke on it.

    Raises:
        UsageError: A path, a name, the course or a rubric cannot be used, or strict isolation cannot be had.
        GraderError: The grader broke, which says nothing about the submission.
    """
    if call_seconds is not None and not 0.1 <= call_seconds <= 3600:  # noqa: PLR2004 - as the command's --timeout
        raise UsageError(f"call_seconds is {call_seconds}: give 0.1 to 3600.")
    if isolation not in get_args(Isolation):
        raise UsageError(f"isolation is {isolation!r}: give one of {', '.join(map(repr, get_args(Isolation)))}.")
    outline = _outline(course)
    names = [exercises] if isinstance(exercises, str) else list(exercises)
    keys = tuple(exercise.key for exercise in choosing.named(outline, names))
    with _as_path(source_or_path) as path, _judge(outline.root) as judge:
        asked = Request(
            folder=str(outline.root),
            exercises=keys,
            submission=str(path),
            isolation=isolation,
            seed=seed,
            call_seconds=call_seconds,
            to_first_failure=to_first_failure,
        )
        try:
            return judge.ask(asked)
        except Unavailable as error:
            raise GraderError(f"The judge of {outline.root} cannot be asked: {error}.") from error


def _outline(course: str | os.PathLike[str] | None) -> Outline:
    start = Path.cwd() if course is None else Path(course)
    with faults.reading():
        if not start.is_dir():
            raise UsageError(f"There is no folder {start}: give the course's folder as `course`.")
    return find_outline(start)


@contextmanager
def _as_path(source_or_path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield the absolute path of the work; text stands in a file as long as it is graded."""
    if not isinstance(source_or_path, str):
        yield Path(source_or_path).absolute()
        return
    if "\n" not in source_or_path and source_or_path.strip().endswith(_FILES):
        raise UsageError(f"`{source_or_path}` looks like a path: give pathlib.Path({source_or_path!r}). A str is code.")
    with tempfile.TemporaryDirectory(prefix="grade-") as folder:
        path = Path(folder) / _SOURCE
        path.write_text(source_or_path, encoding="utf-8", errors="surrogatepass", newline="")
        yield path


# --- judges --------------------------------------------------------------------------------------------------------


class _Judges:
    """The judges of this process: those that nobody is asking now, and how many more there may be."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.free: dict[Path, list[StayingJudge]] = {}
        self.turns = threading.BoundedSemaphore(usable_cores())
        self.lock = threading.Lock()


_judges = _Judges()


@contextmanager
def _judge(root: Path) -> Iterator[StayingJudge]:
    """Yield a judge that answers nobody else meanwhile."""
    global _judges  # noqa: PLW0603 - a fork must not talk on its parent's sockets
    if _judges.process != os.getpid():
        _judges = _Judges()
    mine = _judges
    with mine.turns:
        with mine.lock:
            free = mine.free.setdefault(root, [])
            judge = free.pop() if free else StayingJudge(root, daemon=False)
        may_stay = False
        try:
            yield judge
            may_stay = True
        except UsageError:  # which is an answer
            may_stay = True
            raise
        finally:
            if may_stay:
                with mine.lock:
                    free.append(judge)
            else:  # it may have half an answer to tell
                judge.close()


@atexit.register
def _close() -> None:
    if _judges.process == os.getpid():
        for judge in (judge for free in _judges.free.values() for judge in free):
            judge.close()
