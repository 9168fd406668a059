"""Who has opened which hand-in, as the gradebook knows it: several people are led to different ones."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from grader.classroom.rows import now
from grader.classroom.tables import StudentRow, VisitRow
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking.worklist import Row
    from grader.classroom.records import Key

MINUTES = 15  # after which whoever opened a hand-in is taken to have left it


class Visit(NamedTuple):
    """That somebody has a hand-in open; `visitor` tells browsers apart, and `opened_at` is in ISO 8601 form."""

    visitor: str
    author: str
    student: str
    exercise: Key
    opened_at: str


class Visits:
    """The hand-ins that people have open, each browser the last one it went to.

    They are hints and no locks: if one cannot be written at the moment, pages work as without it.
    """

    def __init__(self, book: Gradebook, author: str) -> None:
        self._book = book
        self._author = author

    def opened(self, visitor: str, student: str, exercise: Key) -> None:
        """Note that a browser has a hand-in open."""
        with suppress(UsageError), self._book.session(writing=True) as session:
            self._note(session, visitor, student, exercise)

    def others(self, visitor: str) -> list[Visit]:
        """Return what all other browsers have open."""
        with self._book.session() as session:
            return _others(session, visitor)

    def claimed(self, visitor: str, rows: Sequence[Row]) -> Row | None:
        """Return the first row that nobody else has open, else the first; it is noted before anybody else asks."""
        found = next(iter(rows), None)
        if found is None:
            return None
        with suppress(UsageError), self._book.session(writing=True) as session:
            taken = {(each.student, each.exercise) for each in _others(session, visitor)}
            found = next((row for row in rows if (row.student, row.exercise) not in taken), found)
            self._note(session, visitor, found.student, found.exercise)
        return found

    def _note(self, session: Session, visitor: str, student: str, exercise: Key) -> None:
        session.execute(delete(VisitRow).where(VisitRow.opened_at < _earliest()))
        if session.get(StudentRow, student) is not None:
            lesson, name = exercise
            row = VisitRow(
                visitor=visitor, author=self._author, student=student, lesson=lesson, exercise=name, opened_at=now()
            )
            session.merge(row)


def _others(session: Session, visitor: str) -> list[Visit]:
    rows = session.scalars(
        select(VisitRow)
        .where(VisitRow.visitor != visitor, VisitRow.opened_at >= _earliest())
        .order_by(VisitRow.opened_at, VisitRow.visitor)
    )
    return [Visit(row.visitor, row.author, row.student, (row.lesson, row.exercise), row.opened_at) for row in rows]


def _earliest() -> str:
    """Return the moment after which a visit counts, in the form that visits have it in."""
    return (datetime.now(UTC) - timedelta(minutes=MINUTES)).isoformat(timespec="seconds")
