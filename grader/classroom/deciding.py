"""What people decide about marks: points by hand, points in place of the checks', and which attempt counts."""

from __future__ import annotations

import getpass
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.export import class_of
from grader.classroom.gradebook import Gradebook
from grader.classroom.records import Choice, Comment, Decision, HandMark
from grader.course.names import closest, of_one_number
from grader.course.rubric_reading import load_rubrics
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Key
    from grader.course.model import Course
    from grader.course.rubric import Criterion


class Decided(NamedTuple):
    """The marks of a student before and after a decision about an exercise."""

    before: Mark
    after: Mark
    student: StudentMarks


class Decisions:
    """An open gradebook that a person with a name changes; every decision is kept with author, time and reason."""

    def __init__(self, course: Course, book: Gradebook, author: str = "") -> None:
        self._course = course
        self._book = book
        self.author = author or user()

    def give(self, student: str, exercise: str, criterion: str, points: float | None, why: str) -> Decided:
        """Give points for a criterion that is marked by hand; None takes earlier ones back.

        A criterion is named by its title, or by the beginning of one that no other has.

        Raises:
            UsageError: the student, the exercise or the criterion is unknown, or is not worth so many points.
        """
        return self._alone(student, self.given(student, exercise, criterion, points, why))

    def override(self, student: str, exercise: str, points: float | None, why: str) -> Decided:
        """Set all points of an exercise, whatever its checks give; None takes that back. Raises as :meth:`give`."""
        return self._alone(student, self.overridden(student, exercise, points, why))

    def choose(self, student: str, exercise: str, attempt: int | None, why: str) -> Decided:
        """Have a certain attempt count for an exercise; None takes that back.

        Raises:
            UsageError: the student or the exercise is unknown, or no attempt has that number.
        """
        return self._alone(student, self.chosen(exercise, attempt, why))

    def comment(self, student: str, exercise: str, text: str, path: str = "", line: int | None = None) -> int:
        """Say something about an exercise, or about a line of a file; return the number of the comment."""
        return self._book.comment(
            find_student(self._book, student), self.commented(student, exercise, text, path, line)
        )

    def given(self, student: str, exercise: str, criterion: str, points: float | None, why: str) -> HandMark:
        """Return what :meth:`give` stores, for `Gradebook.decide`; raises the same."""
        key = self._exercise(exercise)
        found = self._criterion(key, criterion)
        if points is not None:
            _refuse_points(points, found.points, f"`{found.title}`")
        return self._hand_mark(student, key, found.title, points, why)

    def overridden(self, student: str, exercise: str, points: float | None, why: str) -> HandMark:
        """Return what :meth:`override` stores, for `Gradebook.decide`; raises the same."""
        key = self._exercise(exercise)
        if points is not None:
            _refuse_points(points, load_rubrics(self._course, [key[0]])[key].points, key[1])
        return self._hand_mark(student, key, "", points, why)

    def chosen(self, exercise: str, attempt: int | None, why: str) -> Choice:
        """Return what :meth:`choose` stores, for `Gradebook.decide`."""
        _refuse_no_reason(why)
        return Choice(self._exercise(exercise), attempt, why, self.author, "")

    def commented(self, student: str, exercise: str, text: str, path: str = "", line: int | None = None) -> Comment:
        """Return what :meth:`comment` stores, for `Gradebook.decide`."""
        who, key = find_student(self._book, student), self._exercise(exercise)
        if not text.strip():
            raise UsageError("A comment needs text.")
        mark = self._marks(who, key).marks[key]
        return Comment(0, key, mark.code_attempt if path else mark.attempt, path, line, text, self.author, "")

    def _alone(self, student: str, decided: HandMark | Choice) -> Decided:
        who, key = find_student(self._book, student), decided.exercise
        before = self._marks(who, key)
        self._book.decide(key, [Decision(who, [decided])])
        after = self._marks(who, key)
        return Decided(before.marks[key], after.marks[key], after)

    def _hand_mark(self, student: str, key: Key, criterion: str, points: float | None, why: str) -> HandMark:
        who = find_student(self._book, student)
        _refuse_no_reason(why)
        mark = self._marks(who, key).marks[key]
        automatic = mark.stored.result.points if mark.stored is not None else None
        return HandMark(key, criterion, points, why, self.author, "", mark.attempt, automatic)

    def _exercise(self, name: str) -> Key:
        found = self._course.select([name])
        if len(found) != 1:
            raise UsageError(f"{name} is a lesson: name one exercise.")
        return found[0].lesson, found[0].name

    def _criterion(self, key: Key, said: str) -> Criterion:
        by_hand = [each for each in load_rubrics(self._course, [key[0]])[key].criteria if each.manual]
        if not by_hand:
            raise UsageError(
                f"{key[1]} has no criterion that is marked by hand: add one with `manual = true` to its rubric, or set "
                "all of its points with `grade override`."
            )
        wanted = said.casefold()
        exact = [each for each in by_hand if each.title.casefold() == wanted]
        found = exact or [each for each in by_hand if each.title.casefold().startswith(wanted)]
        if len(found) != 1:
            listed = "; ".join(f"`{each.title}`" for each in by_hand)
            raise UsageError(f"{key[1]} has no criterion `{said}` that is marked by hand, only {listed}.")
        return found[0]

    def _marks(self, student: str, key: Key) -> StudentMarks:
        return class_of(self._course, self._book, only=[student], asked=[key]).students[0]


@contextmanager
def decisions(course: Course, gradebook: Path | str, author: str = "") -> Iterator[Decisions]:
    """Open the gradebook of a course for decisions, and close it after the block."""
    with closing(Gradebook.open(gradebook, course.name, to_write=True)) as book:
        yield Decisions(course, book, author)


def find_student(book: Gradebook, said: str) -> str:
    """Return the key of a student, who is named by it or by a name that nobody else has."""
    students = book.students()
    if said in students:
        return said
    named = [key for key, name in students.items() if said.casefold() in (name.casefold(), key.casefold())]
    if len(named) == 1:
        return named[0]
    if named:
        raise UsageError(f"{len(named)} students are called {said}: give the key, one of {', '.join(named)}.")
    near = closest(said, of_one_number(said, [*students, *students.values()]))
    hint = f"did you mean {near}?" if near else "`grade export` lists everybody."
    raise UsageError(f"Nobody in {book.shown} is called {said}: {hint}")


def user() -> str:
    """Return the name of whoever runs the command."""
    with suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return "unknown"


def _refuse_points(points: float, most: float, what: str) -> None:
    if not 0 <= points <= most:
        raise UsageError(f"{what} has 0 to {most:.10g} points, and not {points:.10g}.")


def _refuse_no_reason(why: str) -> None:
    if not why.strip():
        raise UsageError("A decision needs a reason, which the student can read.")
