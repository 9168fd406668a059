"""The tables of a gradebook as this grader uses them; how older ones become so is in `grader.classroom.migrations`.

Rows are added and never overwritten, so that every mark of the past can be explained: a student has attempts, an
attempt has results, and of several results of one exercise the last one counts. What people decide (points by hand,
chosen attempts) is kept in the same way.
"""

from __future__ import annotations

from sqlalchemy import Double, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """All tables together."""


class About(Base):
    """What the gradebook says about itself: its `schema`, its `course`, and the `libraries` of its marks.

    The inputs of checks are drawn with its `secret`; "" stands for those that are the same everywhere.
    """

    __tablename__ = "about"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class RunRow(Base):
    """One run of `grade batch`: when, with which grader and libraries; `ended_at` is None if it was interrupted."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[str]
    ended_at: Mapped[str | None]
    grader: Mapped[str]
    libraries: Mapped[str]
    download: Mapped[str]


class StudentRow(Base):
    """Somebody in the class.

    `student` is the number or name that a platform tells people apart by, `name` is what people call them. `left_at`
    says when the roster stopped naming them; their attempts stay. `groups` are separated by line feeds.
    """

    __tablename__ = "students"

    student: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    groups: Mapped[str] = mapped_column(server_default="")
    left_at: Mapped[str | None]
    attempts: Mapped[list[AttemptRow]] = relationship(
        back_populates="owner", cascade="all, delete-orphan", order_by="AttemptRow.number"
    )


class AttemptRow(Base):
    """One hand-in of a student; `number` counts from 1.

    `problem` says why nothing of it could be graded, "" if it could. `submitted_at` is in ISO 8601 form; it and `late`
    are None where nobody has said. `received_at` is when a run first saw it. `members` are the
    keys of everybody whose it is, separated by line feeds.
    """

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("student", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("students.student"))
    number: Mapped[int]
    handin: Mapped[str]
    sha256: Mapped[str]
    problem: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[str | None]
    late: Mapped[bool | None]
    received_at: Mapped[str]
    members: Mapped[str] = mapped_column(server_default="")
    owner: Mapped[StudentRow] = relationship(back_populates="attempts")
    results: Mapped[list[ResultRow]] = relationship(
        back_populates="attempt", cascade="all, delete-orphan", order_by="ResultRow.id"
    )


class ResultRow(Base):
    """What became of one exercise of an attempt in one run; the last row of an exercise counts.

    `made_of` says in JSON what it is the result of, part by part, and `fingerprint` is a hash of that. `result` is the
    whole as JSON. `code` names what was graded: paths with the hash of each text in `contents`, as JSON. `written` is
    false where the hand-in has nothing for this exercise.
    """

    __tablename__ = "results"
    __table_args__ = (Index("results_of_attempt", "attempt_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempts.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    lesson: Mapped[str]
    exercise: Mapped[str]
    fingerprint: Mapped[str]
    made_of: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str]
    points: Mapped[float] = mapped_column(Double)
    max_points: Mapped[float] = mapped_column(Double)
    written: Mapped[bool]
    seconds: Mapped[float] = mapped_column(Double)
    isolation: Mapped[str]
    graded_at: Mapped[str]
    code: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    attempt: Mapped[AttemptRow] = relationship(back_populates="results")


class ContentRow(Base):
    """The text of a file that was graded, compressed, kept once however many hand-ins have it."""

    __tablename__ = "contents"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class HandMarkRow(Base):
    """Points that a person gave; the last row of a criterion counts.

    Without a `criterion`, they stand in place of all points of the exercise. `points` None takes earlier ones back.
    `automatic` is what the checks had given then, None if that was not decided.
    """

    __tablename__ = "hand_marks"
    __table_args__ = (Index("hand_marks_of_student", "student"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("students.student"))
    lesson: Mapped[str]
    exercise: Mapped[str]
    criterion: Mapped[str]
    points: Mapped[float | None] = mapped_column(Double)
    why: Mapped[str] = mapped_column(Text)
    author: Mapped[str]
    given_at: Mapped[str]
    attempt: Mapped[int | None]
    automatic: Mapped[float | None] = mapped_column(Double)


class CommentRow(Base):
    """What a person says about an exercise of a student, or about a line of it; `removed_at` hides it."""

    __tablename__ = "comments"
    __table_args__ = (Index("comments_of_student", "student"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("students.student"))
    lesson: Mapped[str]
    exercise: Mapped[str]
    attempt: Mapped[int | None]
    path: Mapped[str]
    line: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str]
    given_at: Mapped[str]
    removed_at: Mapped[str | None]


class ChoiceRow(Base):
    """That a certain attempt counts for an exercise, because somebody says so; None takes an earlier choice back."""

    __tablename__ = "choices"
    __table_args__ = (Index("choices_of_student", "student"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    student: Mapped[str] = mapped_column(ForeignKey("students.student"))
    lesson: Mapped[str]
    exercise: Mapped[str]
    attempt: Mapped[int | None]
    why: Mapped[str] = mapped_column(Text)
    author: Mapped[str]
    given_at: Mapped[str]


class VisitRow(Base):
    """Which hand-in somebody on a marking page opened last, and when; `visitor` tells browsers apart."""

    __tablename__ = "visits"

    visitor: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str]
    student: Mapped[str] = mapped_column(ForeignKey("students.student"))
    lesson: Mapped[str]
    exercise: Mapped[str]
    opened_at: Mapped[str]


class DeletionRow(Base):
    """That data was deleted on purpose: when, by whom, and how much; nothing of what it was."""

    __tablename__ = "deletions"

    id: Mapped[int] = mapped_column(primary_key=True)
    deleted_at: Mapped[str]
    author: Mapped[str]
    what: Mapped[str] = mapped_column(Text)
