"""Reads what is exported of a gradebook: every student of the class with the marks that count."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.classroom.counting import marks_of
from grader.classroom.marks import State
from grader.classroom.policy import Policy
from grader.classroom.policy_file import load_policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Attempt, Key, StudentRecord
    from grader.course.model import Course
    from grader.results import ExerciseResult


class Counted(StrEnum):
    """What becomes of a mark that no work decides."""

    HOLD = "hold"
    ZERO = "zero"


class Undecided(NamedTuple):
    """Which mark a hand-in gets that could not be read, and which one who handed in nothing."""

    unreadable: Counted = Counted.HOLD
    absent: Counted = Counted.ZERO


class Number(StrEnum):
    """Which number a platform gets."""

    TOTAL = "total"
    SCORE = "score"


class Upload(StrEnum):
    """Whose rules an archive of feedback follows."""

    MOODLE = "moodle"
    CANVAS = "canvas"


class Wanted(NamedTuple):
    """What an export is to be like, of what not every format takes.

    `fill` is a platform's own table, to be filled, and `assignment` the column or the name of what was graded. `points`
    is the number that goes out: with what lateness takes off, or before it, for a platform that takes it off itself.
    `upload` says by whose rules feedback is packed.
    """

    gradebook: Path | str = ""
    fill: Path | None = None
    assignment: str = ""
    points: Number = Number.TOTAL
    upload: Upload | None = None


class ClassMarks(NamedTuple):
    """A course, the exercises that anybody has a result of, and the marks of all students who have not left.

    `worth` has a result of each exercise, which says what it is worth by criterion. `left` have left the class and are
    in no export. `wanted` is what was asked for beside the format.
    """

    course: Course
    worth: Mapping[Key, ExerciseResult]
    students: Sequence[StudentMarks]
    undecided: Undecided = Undecided()
    left: Sequence[str] = ()
    policy: Policy = Policy()
    wanted: Wanted = Wanted()

    @property
    def exercises(self) -> Sequence[Key]:
        """The exercises, in the course's order."""
        return list(self.worth)

    def on(self, exercises: Sequence[Key]) -> ClassMarks:
        """Return the marks of some exercises alone; they are those that they are among all of them."""
        kept = {key: result for key, result in self.worth.items() if key in exercises}
        students = [student._replace(marks={key: student.marks[key] for key in kept}) for student in self.students]
        return self._replace(worth=kept, students=students)

    def maximum_of(self, exercise: Key) -> Decimal:
        """Return all points of an exercise, with those that are given by hand or on a real model."""
        return Decimal(str(self.worth[exercise].max_points))

    def points_of(self, mark: Mark) -> Decimal | None:
        """Return what a mark counts: None if it is undecided, 0 if such are to be counted so."""
        if mark.state is State.DECIDED:
            return mark.points
        return Decimal(0) if self._is_zero(mark) else None

    def raw_of(self, mark: Mark) -> Decimal | None:
        """Return what a mark counts before lateness takes anything off."""
        return mark.raw if mark.state is State.DECIDED else self.points_of(mark)

    def total_of(self, student: StudentMarks) -> Decimal | None:
        """Return a student's points for all exercises, rounded, None if one of them is undecided."""
        counted = [self.points_of(mark) for mark in student.marks.values()]
        if not counted or any(each is None for each in counted):
            return None
        return student.rounded(sum(filter(None, counted), Decimal(0)))

    def raw_total_of(self, student: StudentMarks) -> Decimal | None:
        """Return what :meth:`total_of` does, before lateness takes anything off."""
        counted = [self.raw_of(mark) for mark in student.marks.values()]
        if not counted or any(each is None for each in counted):
            return None
        return sum(filter(None, counted), Decimal(0))

    def message_of(self, student: StudentMarks) -> str:
        """Return what there is to say about a student beside the marks, each sentence once."""
        said: dict[str, list[str]] = {}
        for (_, exercise), mark in student.marks.items():
            for note in mark.notes:
                said.setdefault(note, []).append(exercise)
        everything = len(student.marks)
        return " ".join(
            note if len(exercises) == everything or everything == 1 else f"{', '.join(exercises)}: {note}"
            for note, exercises in said.items()
        )

    def summary(self) -> list[str]:
        """Return a sentence for each kind of marks that no work has decided: how many, whose, what they became."""
        unreadable, absent = _COUNTED[self.undecided.unreadable], _COUNTED[self.undecided.absent]
        states = {student.record.label: [mark.state for mark in student.marks.values()] for student in self.students}
        whole = [label for label, found in states.items() if found and set(found) == {State.UNREAD}]
        parts = [label for label, found in states.items() if State.UNREAD in found and label not in whole]
        kinds = (
            (whole, f"could not be read, {unreadable}"),
            (parts, f"could not be read in part, {unreadable}"),
            ([label for label, found in states.items() if State.ABSENT in found], f"handed in nothing, {absent}"),
            (
                [label for label, found in states.items() if State.BROKEN in found],
                "met an error of the grader, and their marks are empty until they are graded again",
            ),
            (
                [s.record.label for s in self.students if any(mark.passed_over for mark in s.marks.values())],
                "handed in something later that could not be read, so an earlier attempt counts",
            ),
            (self.left, "left the class, and so left out"),
        )
        sentences = [f"{len(found)} {said}: {', '.join(found)}." for found, said in kinds if found]
        pending = [student.record.label for student in self.students if student.pending]
        if pending:  # mostly everybody, until people have marked or there is a real model
            sentences.append(f"{len(pending)} with points that are still pending: {_listed(pending)}.")
        return [*sentences, *self.untimed()]

    def untimed(self) -> list[str]:
        """Return a sentence if lateness costs nothing because nobody knows when something was handed in."""
        numbers = {s.record.label: {m.since or m.attempt for m in s.marks.values() if m.untimed} for s in self.students}
        untimed = [label for label, found in numbers.items() if found]
        called_late = {
            s.record.label
            for s in self.students
            for attempt in s.record.attempts
            if attempt.late and attempt.number in numbers[s.record.label]
        }
        late = [label for label in untimed if label in called_late]
        if not untimed:
            return []
        flagged = f" The platform called some of them late: {_listed(late)}." if late else ""
        return [
            "There is a due date, and of some hand-ins nobody knows when they came: lateness costs them nothing. "
            f"They are of {_listed(untimed)}.{flagged} A roster with a column `submission time` says when."
        ]

    def _is_zero(self, mark: Mark) -> bool:
        counted = {State.UNREAD: self.undecided.unreadable, State.ABSENT: self.undecided.absent}.get(mark.state)
        return counted is Counted.ZERO


_NAMED = 20  # students of whom there may be thousands


def _listed(students: Sequence[str]) -> str:
    more = len(students) - _NAMED
    return ", ".join(students[:_NAMED]) + (f" and {more} more" if more > 0 else "")


_COUNTED = {Counted.HOLD: "and their marks are held back (empty)", Counted.ZERO: "and count as 0"}


def read_class(
    course: Course,
    gradebook: Path | str,
    undecided: Undecided = Undecided(),  # noqa: B008 - immutable
) -> ClassMarks:
    """Read the marks of everybody who has not left; raise `UsageError` if the gradebook cannot be used."""
    from grader.classroom.gradebook import Gradebook

    with closing(Gradebook.open(gradebook, course.name)) as book:
        return class_of(course, book, undecided)


def class_of(
    course: Course,
    book: Gradebook,
    undecided: Undecided = Undecided(),  # noqa: B008 - immutable
    only: Sequence[str] | None = None,
    asked: Sequence[Key] = (),
) -> ClassMarks:
    """Return the marks of everybody in an open gradebook who has not left, or of `only` some students, left or not.

    Exercises that are `asked` for are there even if nobody was graded on them.
    """
    policy = load_policy(course)
    # Where a group pays together for lateness, the others' attempts change what one of them has.
    together = policy.tokens is not None and policy.tokens.groups == "all or none"
    # Without what only a page on one student shows.
    records = [_light(record) for record in book.records(None if together else only)]
    here = [record for record in records if record.left_at is None or (only is not None and record.student in only)]
    worth = _worth(course, book, asked)
    students = [each for each in marks_of(here, worth, policy) if only is None or each.record.student in only]
    left = [record.label for record in records if record.left_at is not None]
    return ClassMarks(course, worth, students, undecided, left, policy)


def _worth(course: Course, book: Gradebook, asked: Sequence[Key]) -> dict[Key, ExerciseResult]:
    """Return the exercises that anybody in the class has a result or points by hand of, in the course's order.

    A result of each says what it is worth: the latest one.
    """
    found = book.latest_results()
    found |= {key: _ungraded(course, key) for key in (*book.decided_exercises(), *asked) if key not in found}
    order = {(exercise.lesson, exercise.name): index for index, exercise in enumerate(course.exercises)}
    keys = sorted(found, key=lambda key: (order.get(key, len(order)), key))
    return {key: found[key] for key in keys}


def _ungraded(course: Course, key: Key) -> ExerciseResult:
    """Return what an exercise is worth that nobody was graded on; nothing if the course does not have it any more."""
    from grader.course.marked import undecided
    from grader.course.rubric_reading import load_rubrics
    from grader.results import ExerciseResult, Outcome

    exercises = [exercise for exercise in course.exercises if (exercise.lesson, exercise.name) == key]
    if not exercises:
        return ExerciseResult(*key, 0.0, 0.0, Outcome.SKIPPED, (), ())
    return undecided(exercises, load_rubrics(course, [key[0]]), "")[0]


def _light(record: StudentRecord) -> StudentRecord:
    return record._replace(attempts=[_light_attempt(attempt) for attempt in record.attempts])


def _light_attempt(attempt: Attempt) -> Attempt:
    results = {
        key: stored._replace(
            result=msgspec.structs.replace(
                stored.result,
                checks=tuple(msgspec.structs.replace(check, counterexample=None) for check in stored.result.checks),
            )
        )
        for key, stored in attempt.results.items()
    }
    return attempt._replace(results=results)
