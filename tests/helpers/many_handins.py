"""Grades many small hand-ins by `grade batch`, and measures seconds and memory while it goes from one to the next."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from grader.classroom.gradebook import Gradebook
from grader.course.finding import find_course
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRADE = str(Path(sys.executable).with_name("grade"))
_LOOK_SECONDS = 0.05


class Memory(NamedTuple):
    """What a process has in memory, in MiB.

    `pss` counts what it shares with others in proportion, so that it changes with them. `anonymous` does not: that is
    what was written, and not read from a file.
    """

    pss: float
    anonymous: float


class Moment(NamedTuple):
    """How many hand-ins were graded, how many seconds after the command was begun, and what each process had then.

    Processes go by their numbers; the first one is the command, which has the gradebook.
    """

    graded: int
    seconds: float
    memory: dict[int, Memory]


RIGHT, WRONG, CRASHING = "return 2 * number", "return number", "import os; os.abort()"


class ManyHandIns:
    """A course with one cheap exercise, and hand-ins that all differ: right ones, or `mixed` ones."""

    def __init__(self, root: Path, count: int, *, mixed: bool = False) -> None:
        self.count = count
        self._course = make_course(root / "course")
        self._runs = 0
        self.lines = [_mixed(number) if mixed else RIGHT for number in range(count)]
        handins = {
            f"student{number:05}.py": f"def double(number):\n    {line}  # {number}\n"
            for number, line in enumerate(self.lines)
        }
        write_files(root / "handins", handins)

    def points(self) -> list[float]:
        """Return the points of each hand-in, in their order, in the gradebook of the last run."""
        gradebook = self._course / f"{self._runs}.sqlite"
        with closing(Gradebook.open(gradebook, find_course(self._course).name)) as book:
            records = sorted(book.records(), key=lambda record: record.student)
            return [stored.result.points for record in records for stored in record.attempts[-1].results.values()]

    def graded(self, *options: str, at: Sequence[int]) -> list[Moment]:
        """Grade all of them into a gradebook of their own, and return the moments when so many had been graded."""
        self._runs += 1
        gradebook = self._course / f"{self._runs}.sqlite"
        command = [GRADE, "batch", "../handins", "--gradebook", gradebook.name, *options]
        began = time.perf_counter()
        with (
            tempfile.TemporaryFile("w+") as complaint,
            subprocess.Popen(command, cwd=self._course, stdout=subprocess.DEVNULL, stderr=complaint) as run,
        ):
            moments = [
                Moment(count, time.perf_counter() - began, dict(_memory(psutil.Process(run.pid))))
                for count in _counts(run, gradebook, list(at))
            ]
            run.wait()
            complaint.seek(0)
            if run.returncode or len(moments) < len(at):
                raise RuntimeError(f"{' '.join(command)} ended with {run.returncode}: {complaint.read()}")
        return moments


def _mixed(number: int) -> str:
    """Return what every hundredth hand-in does, or every fourth, or the others."""
    return CRASHING if number % 100 == 7 else WRONG if number % 4 == 1 else RIGHT


def _counts(run: subprocess.Popen[bytes], gradebook: Path, wanted: list[int]) -> Iterator[int]:
    """Yield, for each number of hand-ins that is wanted, how many have been graded as soon as they are so many."""
    while wanted and run.poll() is None:
        if (found := _results(gradebook)) >= wanted[0]:
            del wanted[0]
            yield found
        else:
            time.sleep(_LOOK_SECONDS)


def _results(gradebook: Path) -> int:
    """Return how many results a gradebook holds, 0 as long as there is none or it is just being made."""
    try:
        with closing(sqlite3.connect(f"file:{gradebook}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM results").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def _memory(process: psutil.Process) -> Iterator[tuple[int, Memory]]:
    for each in (process, *process.children(recursive=True)):
        try:
            lines = Path(f"/proc/{each.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
        except OSError:  # a submission's worker, which has just ended
            continue
        kibibytes = {name: int(amount.split()[0]) for name, amount in (line.split(":") for line in lines)}
        yield each.pid, Memory(kibibytes["Pss"] / 1024, kibibytes["Anonymous"] / 1024)
