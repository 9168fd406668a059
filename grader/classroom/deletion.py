"""Deletes from a gradebook on purpose, and notes that something was deleted, but nothing of what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from grader.classroom.rows import EPOCH, drop_unused_contents, moment_of, now
from grader.classroom.tables import AttemptRow, ChoiceRow, CommentRow, DeletionRow, HandMarkRow, StudentRow, VisitRow
from grader.classroom.wording import counted

if TYPE_CHECKING:
    from grader.classroom.gradebook import Gradebook

_ABOUT_A_STUDENT = (HandMarkRow, ChoiceRow, CommentRow, VisitRow)  # beside attempts


def forget(book: Gradebook, student: str, author: str) -> None:
    """Delete everything about a student; raise `UsageError` if the gradebook does not know them."""
    with book.deciding(student) as session:
        row = session.get_one(StudentRow, student)
        attempts = len(row.attempts)
        for table in _ABOUT_A_STUDENT:
            session.execute(delete(table).where(table.student == student))
        session.delete(row)
        session.flush()
        drop_unused_contents(session)
        session.add(
            DeletionRow(deleted_at=now(), author=author, what=f"one student with {counted(attempts, 'attempt')}")
        )
    book.vacuum()


def purge(book: Gradebook, before: str, author: str) -> tuple[int, int]:
    """Delete attempts that were received before a time, and whoever loses their last one by that; return both numbers.

    Whoever never had an attempt stays: points that a person gave for an oral exam are no old work.

    Raises `UsageError` if the time is not one.
    """
    moment = moment_of(before)
    with book.session(writing=True) as session:
        old = [row for row in session.scalars(select(AttemptRow)) if moment_of(row.received_at or EPOCH) < moment]
        owners = {row.owner for row in old}
        for row in old:
            row.owner.attempts.remove(row)
        session.flush()
        nobody = [owner.student for owner in owners if not owner.attempts]
        for table in _ABOUT_A_STUDENT:
            session.execute(delete(table).where(table.student.in_(nobody)))
        session.execute(delete(StudentRow).where(StudentRow.student.in_(nobody)))
        drop_unused_contents(session)
        what = f"{counted(len(old), 'attempt')} from before {before}, and {counted(len(nobody), 'student')}"
        session.add(DeletionRow(deleted_at=now(), author=author, what=what))
    book.vacuum()
    return len(old), len(nobody)


def deletions(book: Gradebook) -> list[tuple[str, str, str]]:
    """Return when somebody deleted something, who, and what."""
    with book.session() as session:
        return [(row.deleted_at, row.author, row.what) for row in session.scalars(select(DeletionRow))]
