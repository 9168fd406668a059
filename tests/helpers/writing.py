"""Writes what grading a class writes into a gradebook, in processes that can be killed at any moment."""

from __future__ import annotations

import multiprocessing
from contextlib import closing
from typing import TYPE_CHECKING, Any

from grader.classroom.gradebook import Gradebook
from grader.classroom.records import Delivery, Graded, HandMark
from grader.results import ExerciseResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

COURSE, LIBRARIES = "Doubling", "torch 2.13.0"


def write_class(place: str, students: int, written: Callable[[int], object] = bool) -> None:
    """Write so many students, of whom what is there already is not written again; say each number when it is done."""
    with closing(Gradebook.create(place, COURSE, LIBRARIES)) as book:
        for number in range(students):
            student = f"student{number:03}"
            for attempt in (1, 2):
                when = f"2026-11-2{attempt}T10:00:00+00:00"
                found = book.attempt(Delivery(student, sha256=f"{student}-{attempt}", submitted_at=when))
                if not book.made_of(student, found):
                    result = ExerciseResult("numbers", "double", float(attempt), 10.0, Outcome.FAILED, (), ())
                    code = {"double.py": f"# {student} {attempt}"}
                    book.store(student, found, [Graded(result, {"hand-in": student}, 0.0, "strict", True, code)])
            record = book.record(student)
            if record is not None and not record.hand_marks:
                book.give(student, HandMark(("numbers", "double"), "", 5.0, "asked", "eve", "2026-11-23"))
            written(number)


class Writer:
    """A process of its own that writes a class: a fork of one that has imported what that needs."""

    def __init__(self, place: str, students: int) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["grader.classroom.gradebook", "grader.classroom.upgrading", "psycopg"])
        self._said, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_write, args=(place, students, theirs))
        self._process.start()
        theirs.close()

    def after(self, students: int) -> Writer:
        """Wait until it has written so many."""
        for _ in range(students):
            self._said.recv()
        return self

    def kill(self) -> None:
        """Kill it, wherever it is."""
        self._process.kill()
        self._process.join()

    def exit_code(self) -> int | None:
        """Wait for its end."""
        self._process.join()
        return self._process.exitcode


def _write(place: str, students: int, said: Any) -> None:
    write_class(place, students, said.send)
