"""The tables of a gradebook as this grader uses them; how older ones become so is in `grader.classroom.migrations`."""

from __future__ import annotations

from sqlalchemy import Double, ForeignKeyConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """All tables together."""


class About(Base):
    """What the file says about itself: its `schema`, its `course`, and the `libraries` that its marks come from.

    The inputs of checks are drawn with its `secret`; "" stands for those that are the same everywhere.
    """

    __tablename__ = "about"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class StudentRow(Base):
    """Who handed in what.

    `student` is the number or name that a platform tells people apart by, `name` is what people call them. `problem`
    says why nothing of the hand-in could be graded, "" if it could. `submitted_at` is in ISO 8601 form; it and `late`
    are None where nobody has said.
    """

    __tablename__ = "students"

    student: Mapped[str] = mapped_column(primary_key=True)
    handin: Mapped[str]
    sha256: Mapped[str]
    problem: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="")
    submitted_at: Mapped[str | None]
    late: Mapped[bool | None]
    results: Mapped[list[ResultRow]] = relationship(
        back_populates="owner", cascade="all, delete-orphan", order_by="ResultRow.lesson, ResultRow.exercise"
    )


class ResultRow(Base):
    """What became of one exercise; `fingerprint` says of what it is the result, `result` is the whole as JSON."""

    __tablename__ = "results"
    __table_args__ = (ForeignKeyConstraint(["student"], ["students.student"]),)

    student: Mapped[str] = mapped_column(primary_key=True)
    lesson: Mapped[str] = mapped_column(primary_key=True)
    exercise: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    outcome: Mapped[str]
    points: Mapped[float] = mapped_column(Double)
    max_points: Mapped[float] = mapped_column(Double)
    seconds: Mapped[float] = mapped_column(Double)
    isolation: Mapped[str]
    graded_at: Mapped[str]
    result: Mapped[str]
    owner: Mapped[StudentRow] = relationship(back_populates="results")
