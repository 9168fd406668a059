"""What there is to mark: a row for every student and exercise, kept up to date, filtered, and in a fixed order."""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.export import class_of
from grader.classroom.marking.disguise import Numbers, disguised
from grader.classroom.marks import State
from grader.classroom.policy_file import load_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marks import Mark
    from grader.classroom.records import Key
    from grader.course.model import Course

_TROUBLE = (State.UNREAD, State.BROKEN)


class Show(StrEnum):
    """Which rows are listed."""

    TO_MARK = "to-mark"
    TROUBLE = "trouble"
    ALL = "all"


class Row(NamedTuple):
    """One exercise of one student.

    `by_hand` says that there is work with points that people give, and `waiting` how many criteria nobody has marked.
    `trouble` says what is not as it should be, "" if all is.
    """

    number: str
    student: str
    label: str
    exercise: Key
    points: Decimal | None
    maximum: Decimal
    by_hand: bool
    waiting: int
    trouble: str

    def belongs(self, show: Show) -> bool:
        """Tell whether the row is one of those that a person goes through, done or not."""
        return {Show.TO_MARK: self.by_hand, Show.TROUBLE: bool(self.trouble), Show.ALL: True}[show]

    def is_open(self, show: Show) -> bool:
        """Tell whether the row is listed: among those to mark only what is not marked."""
        return bool(self.waiting) if show is Show.TO_MARK else self.belongs(show)


class Filter(NamedTuple):
    """Which rows somebody wants: `where` is a lesson, or "lesson/exercise"; `search` is in the name or the key."""

    show: Show = Show.TO_MARK
    where: str = ""
    search: str = ""
    anonymous: bool = False

    def matches(self, row: Row) -> bool:
        """Tell whether a row has the right place and name, whatever is shown of these."""
        if self.where not in ("", row.exercise[0], "/".join(row.exercise)):
            return False
        wanted = self.search.casefold().strip()
        return wanted in (disguised(row.number) if self.anonymous else f"{row.label} {row.student}").casefold()


class Listing(NamedTuple):
    """The rows that a filter lets through, and how many there are of each kind."""

    rows: Sequence[Row]
    counts: dict[Show, int]


class Around(NamedTuple):
    """What comes before a row by a filter, None where there is nothing, and what is to be done after it, in order."""

    previous: Row | None
    ahead: Sequence[Row]


class Worklist:
    """The rows of a class; only students of whom anything changed are read again."""

    def __init__(self, course: Course, book: Gradebook, names: Sequence[str] = ()) -> None:
        """Take an open gradebook; of `names`, lessons or exercises, only these are listed."""
        self._course = course
        self._book = book
        self._numbers = Numbers()
        self._only = {(each.lesson, each.name) for each in course.select(names)} if names else None
        self._order = {(each.lesson, each.name): index for index, each in enumerate(course.exercises)}
        self._versions: dict[str, str] = {}
        self._rows: dict[str, list[Row]] = {}
        self._policy = load_policy(course)
        self._lock = threading.Lock()

    def number_of(self, student: str) -> str:
        """Return the number that stands for a student in addresses."""
        return self._numbers.of(student)

    def student_of(self, number: str) -> str | None:
        """Return the key of the student that a number stands for, None if it is nobody's."""
        return next((student for student in self._book.students() if self._numbers.of(student) == number), None)

    def exercises(self) -> list[Key]:
        """Return the exercises that are listed, in the course's order."""
        return sorted({row.exercise for row in self._all()}, key=self._place)

    def listing(self, wanted: Filter) -> Listing:
        """Return the rows that a filter lets through."""
        matching = list(filter(wanted.matches, self._all()))
        counts = {show: sum(row.is_open(show) for row in matching) for show in Show}
        listed = [row for row in matching if row.is_open(wanted.show)]
        return Listing(sorted(listed, key=self._rank(wanted.anonymous)), counts)

    def around(self, student: str, exercise: Key, wanted: Filter) -> Around:
        """Return what comes before a row, done or not, and what comes after it that is not done."""
        rank, rows = self._rank(wanted.anonymous), self._all()
        here = next((rank(row) for row in rows if (row.student, row.exercise) == (student, exercise)), None)
        matching = [row for row in rows if wanted.matches(row) and (row.student, row.exercise) != (student, exercise)]
        others = sorted((row for row in matching if row.is_open(wanted.show)), key=rank)
        if here is None:
            return Around(None, others)
        before = (row for row in matching if row.belongs(wanted.show) and rank(row) < here)
        ahead = sorted(others, key=lambda row: rank(row) < here)  # after the last one comes the first again
        return Around(max(before, key=rank, default=None), ahead)

    def _rank(self, anonymous: bool) -> Callable[[Row], tuple[bool, int, str, str]]:
        """Return where a row stands: first what people give points for or is in trouble, by exercise and by name.

        Marking moves no row, so that what comes before and after stays the same.
        """

        def rank(row: Row) -> tuple[bool, int, str, str]:
            name = "" if anonymous else row.label.casefold()
            return not (row.by_hand or row.trouble), self._place(row.exercise), name, row.number

        return rank

    def _place(self, exercise: Key) -> int:
        return self._order.get(exercise, len(self._order))

    def _all(self) -> list[Row]:
        """Return all rows, after those students were read again of whom anything changed."""
        with self._lock:
            policy, versions = load_policy(self._course), self._book.versions()
            if policy != self._policy:
                self._policy, self._versions = policy, {}
            changed = [student for student, version in versions.items() if self._versions.get(student) != version]
            self._rows = {student: rows for student, rows in self._rows.items() if student in versions}
            if changed:
                read = class_of(self._course, self._book, only=changed)
                for student in read.students:
                    record = student.record
                    self._rows[record.student] = [
                        self._row(record.student, record.label, mark)
                        for mark in student.marks.values()
                        if record.left_at is None and (self._only is None or mark.exercise in self._only)
                    ]
            self._versions = versions
            return [row for rows in self._rows.values() for row in rows]

    def _row(self, student: str, label: str, mark: Mark) -> Row:
        manual = {each.title for each in mark.stored.result.criteria if each.manual} if mark.stored is not None else ()
        waiting = sum(each.points is None for each in mark.criteria if each.title in manual)
        return Row(
            self.number_of(student), student, label, mark.exercise, mark.points, mark.maximum, bool(manual),
            waiting if mark.override is None else 0, trouble_of(mark),
        )  # fmt: skip


def trouble_of(mark: Mark) -> str:
    """Return what is not as it should be about a mark, "" if all is."""
    if mark.state in _TROUBLE:
        return mark.notes[0] if mark.notes else "There is no mark."
    if mark.passed_over:
        return f"Attempt {mark.passed_over[-1]} could not be graded."
    given, stored = mark.override, mark.stored
    if given is not None and stored is not None and given.automatic not in (None, stored.result.points):
        return "Points were set by hand, and the checks give another number now."
    return ""
