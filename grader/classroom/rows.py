"""Turns what goes into a gradebook into rows of its tables, and rows into what is read from it."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import delete, func, select

from grader.classroom.records import Choice, Comment, HandMark, Stored
from grader.classroom.tables import (
    AttemptRow,
    ChoiceRow,
    CommentRow,
    ContentRow,
    HandMarkRow,
    ResultRow,
    StudentRow,
)
from grader.errors import UsageError
from grader.results import exercise_from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from grader.classroom.records import Delivery, Graded, Key
    from grader.results import ExerciseResult

EPOCH = "1970-01-01T00:00:00+00:00"


def lines(text: str) -> tuple[str, ...]:
    """Return the lines of a column that holds several texts."""
    return tuple(filter(None, text.split("\n")))


def now() -> str:
    """Return the moment in ISO 8601 form, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def moment_of(said: str) -> datetime:
    """Return a moment; raise `UsageError` if a text in ISO 8601 form does not say one."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError as error:
        raise UsageError(f"{said} is not a time: write a date such as 2026-09-30.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def student_row(session: Session, key: str, name: str) -> StudentRow:
    """Return the row of a student, a new one if there is none; a name replaces the one of before."""
    row = session.get(StudentRow, key)
    if row is None:
        row = StudentRow(student=key, name=name or key, groups="")
        session.add(row)
    elif name:
        row.name = name
    return row


def known_attempt(attempts: Sequence[AttemptRow], delivery: Delivery) -> AttemptRow | None:
    """Return the attempt that a hand-in is already, by its content and its time; None if it is a new one."""

    def same(attempt: AttemptRow) -> bool:
        return (attempt.sha256, attempt.problem) == (delivery.sha256, delivery.problem)

    def differ(one: str | None, other: str | None) -> bool:
        return one is not None and other is not None and moment_of(one) != moment_of(other)

    for attempt in reversed(attempts):
        timed = attempt.submitted_at is not None and delivery.submitted_at is not None
        latest = attempt is attempts[-1]
        if same(attempt) and (timed or latest) and not differ(attempt.submitted_at, delivery.submitted_at):
            return attempt
    return None


def is_known(row: ResultRow | None, entry: Graded) -> bool:
    """Tell whether a row says what a result says, but for the time it took."""
    if row is None or row.fingerprint != fingerprint_of(entry.made_of):
        return False
    try:
        return _without_seconds(exercise_from_json(row.result)) == _without_seconds(entry.result)
    except ValueError:  # it is damaged, and what comes now is not
        return False


def _without_seconds(result: ExerciseResult) -> ExerciseResult:
    checks = tuple(msgspec.structs.replace(check, seconds=0.0) for check in result.checks)
    return msgspec.structs.replace(result, checks=checks)


def version_of(session: Session, student: str, exercise: Key) -> str:
    """Return the latest numbers of what counts for an exercise of a student: points by hand, choices and results."""
    lesson, name = exercise
    latest = [
        select(func.max(table.id)).where(table.student == student, table.lesson == lesson, table.exercise == name)
        for table in (HandMarkRow, ChoiceRow)
    ]
    latest.append(
        select(func.max(ResultRow.id))
        .join(AttemptRow)
        .where(AttemptRow.student == student, ResultRow.lesson == lesson, ResultRow.exercise == name)
    )
    return "-".join(str(session.scalar(each) or 0) for each in latest)


def decision_row(
    student: str, decided: HandMark | Choice | Comment, moment: str
) -> HandMarkRow | ChoiceRow | CommentRow:
    """Return the row of what a person decided, at a moment unless it says another one."""
    lesson, exercise = decided.exercise
    when = decided.given_at or moment
    if isinstance(decided, HandMark):
        return HandMarkRow(
            student=student, lesson=lesson, exercise=exercise, criterion=decided.criterion, points=decided.points,
            why=decided.why, author=decided.author, given_at=when, attempt=decided.attempt,
            automatic=decided.automatic,
        )  # fmt: skip
    if isinstance(decided, Choice):
        return ChoiceRow(
            student=student, lesson=lesson, exercise=exercise, attempt=decided.attempt, why=decided.why,
            author=decided.author, given_at=when,
        )  # fmt: skip
    return CommentRow(
        student=student, lesson=lesson, exercise=exercise, attempt=decided.attempt, path=decided.path,
        line=decided.line, text=decided.text, author=decided.author, given_at=when,
    )  # fmt: skip


def result_row(session: Session, attempt: int, entry: Graded, run: int | None) -> ResultRow:
    """Return the row of a result, and have the texts that it was graded from kept."""
    code = {}
    for path, text in entry.code.items():
        encoded = text.encode("utf-8", "replace")
        code[path] = sha256 = hashlib.sha256(encoded).hexdigest()
        if session.get(ContentRow, sha256) is None:
            session.add(ContentRow(sha256=sha256, content=zlib.compress(encoded)))
    made_of = json.dumps(entry.made_of, sort_keys=True)
    return ResultRow(
        attempt_id=attempt,
        run_id=run,
        lesson=entry.result.lesson,
        exercise=entry.result.name,
        fingerprint=fingerprint_of(entry.made_of),
        made_of=made_of,
        outcome=entry.result.outcome.value,
        points=entry.result.points,
        max_points=entry.result.max_points,
        written=entry.written,
        seconds=entry.seconds,
        isolation=entry.isolation,
        graded_at=now(),
        code=json.dumps(code),
        result=to_json(entry.result, indent=0),
    )


def fingerprint_of(made_of: Mapping[str, str]) -> str:
    """Return a hash of what a result is made of."""
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


def stored_of(row: ResultRow) -> Stored:
    """Return a result as it is read back; raise `ValueError` if its row is damaged."""
    return Stored(
        exercise_from_json(row.result),
        row.fingerprint,
        json.loads(row.made_of or "{}"),
        row.written,
        row.seconds,
        row.isolation,
        row.graded_at,
        json.loads(row.code),
    )


def by_student(rows: Iterable[HandMarkRow | ChoiceRow | CommentRow]) -> dict[str, list[Any]]:
    """Return rows by the student whom they are about."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.student, []).append(row)
    return found


def hand_mark_of(row: HandMarkRow) -> HandMark:
    """Return points by hand as they are read back."""
    return HandMark(
        (row.lesson, row.exercise), row.criterion, row.points, row.why, row.author, row.given_at, row.attempt,
        row.automatic,
    )  # fmt: skip


def choice_of(row: ChoiceRow) -> Choice:
    """Return the choice of an attempt as it is read back."""
    return Choice((row.lesson, row.exercise), row.attempt, row.why, row.author, row.given_at)


def comment_of(row: CommentRow) -> Comment:
    """Return a comment as it is read back."""
    return Comment(
        row.id, (row.lesson, row.exercise), row.attempt, row.path, row.line, row.text, row.author, row.given_at
    )


def drop_unused_contents(session: Session) -> None:
    """Delete the texts that no result was graded from any more."""
    used = {sha256 for code in session.scalars(select(ResultRow.code)) for sha256 in json.loads(code).values()}
    for known in session.scalars(select(ContentRow.sha256)).all():
        if known not in used:
            session.execute(delete(ContentRow).where(ContentRow.sha256 == known))
