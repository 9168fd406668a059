"""The gradebook: every attempt of every student with its results, and what people decided, written as soon as known."""

from __future__ import annotations

import json
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from grader.classroom import databases
from grader.classroom.gradebook_database import GradebookDatabase
from grader.classroom.records import Attempt, Choice, Comment, Decision, HandMark, Stored, StudentRecord
from grader.classroom.rows import (
    by_student,
    choice_of,
    comment_of,
    decision_row,
    hand_mark_of,
    is_known,
    known_attempt,
    lines,
    now,
    result_row,
    stored_of,
    student_row,
    version_of,
)
from grader.classroom.tables import (
    AttemptRow,
    ChoiceRow,
    CommentRow,
    ContentRow,
    HandMarkRow,
    ResultRow,
    RunRow,
    StudentRow,
)
from grader.errors import UsageError
from grader.results import Outcome
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from grader.classroom.records import Delivery, Graded, Key
    from grader.classroom.roster import Member
    from grader.results import ExerciseResult


class Overtaken(UsageError):
    """Somebody decided about an exercise of `students`, or it was graded again, after a person looked at it."""

    def __init__(self, exercise: Key, students: Sequence[str]) -> None:
        super().__init__(f"Somebody decided about {exercise[1]} meanwhile, or it was graded again.")
        self.students = students


_AT_ONCE = 50  # students that are read from the database together: all of a large class need not fit into memory


class Gradebook(GradebookDatabase):
    """An open gradebook; every method is one transaction, so that what was stored stays whatever happens next."""

    def begin_run(self, download: str, libraries: str) -> int:
        """Note that a run over a download begins, and return its number."""
        with self.session(writing=True) as session:
            run = RunRow(began_at=now(), grader=__version__, libraries=libraries, download=download)
            session.add(run)
            session.flush()
            return run.id

    def end_run(self, run: int) -> None:
        """Note that a run has come to its end."""
        with self.session(writing=True) as session:
            session.get_one(RunRow, run).ended_at = now()

    # --- hand-ins and results -------------------------------------------------------------------------------------

    def attempt(self, delivery: Delivery) -> int:
        """Return the number of the attempt that a hand-in is, a new one if the gradebook does not have it yet.

        It has it if the content is that of the latest attempt, or if both content and time are those of any.
        """
        with self.session(writing=True) as session:
            student = student_row(session, delivery.student, delivery.name)
            known = known_attempt(student.attempts, delivery)
            if known is None:
                known = AttemptRow(number=1 + max((a.number for a in student.attempts), default=0), received_at=now())
                student.attempts.append(known)
            known.handin, known.sha256, known.problem = delivery.handin, delivery.sha256, delivery.problem
            known.members = "\n".join(delivery.members)
            if delivery.submitted_at is not None:
                known.submitted_at = delivery.submitted_at
            if delivery.late is not None:
                known.late = delivery.late
            return known.number

    def made_of(self, student: str, attempt: int) -> dict[Key, dict[str, str]]:
        """Return what the stored results of an attempt are results of, part by part; the grader's errors apart."""
        with self.session() as session:
            rows = session.execute(
                select(ResultRow.lesson, ResultRow.exercise, ResultRow.made_of, ResultRow.outcome)
                .join(AttemptRow)
                .where(AttemptRow.student == student, AttemptRow.number == attempt)
                .order_by(ResultRow.id)
            )
            latest = {(lesson, exercise): (found, outcome) for lesson, exercise, found, outcome in rows}
        decided = {key: found for key, (found, outcome) in latest.items() if outcome != Outcome.ERROR.value}
        return {key: json.loads(found or "{}") for key, found in decided.items()}

    def store(self, student: str, attempt: int, graded: Sequence[Graded], run: int | None = None) -> None:
        """Store results of an attempt. Earlier ones of the same exercises stay, and do not count any more.

        What is known already, but for the time it took, is not stored again: a second grader may have been faster.
        """
        with self.session(writing=True) as session:
            row = session.scalars(
                select(AttemptRow).where(AttemptRow.student == student, AttemptRow.number == attempt)
            ).one()
            latest = {(result.lesson, result.exercise): result for result in row.results}
            for entry in graded:
                if not is_known(latest.get((entry.result.lesson, entry.result.name)), entry):
                    session.add(result_row(session, row.id, entry, run))

    def enrol(self, roster: Iterable[Member], present: Iterable[str]) -> tuple[list[str], list[str]]:
        """Store who is in the class: everybody on the roster; whoever is neither there nor `present` has left.

        Returns:
            The keys of those who have left now, and of those who are back.
        """
        left, back = [], []
        on_it = {member.key: member for member in roster}
        here = set(present) | set(on_it)
        with self.session(writing=True) as session:
            for member in on_it.values():
                student_row(session, member.key, member.name).groups = member.group
            session.flush()
            for row in session.scalars(select(StudentRow)):
                if row.student in here and row.left_at is not None:
                    row.left_at = None
                    back.append(row.student)
                elif row.student not in here and row.left_at is None:
                    row.left_at = now()
                    left.append(row.student)
        return left, back

    # --- what people decide ---------------------------------------------------------------------------------------

    def give(self, student: str, mark: HandMark) -> None:
        """Store points that a person gave; `UsageError` if the gradebook does not know the student."""
        self.decide(mark.exercise, [Decision(student, [mark])])

    def choose(self, student: str, choice: Choice) -> None:
        """Store which attempt counts because a person says so; `UsageError` if there is none of that number."""
        self.decide(choice.exercise, [Decision(student, [choice])])

    def comment(self, student: str, comment: Comment) -> int:
        """Store a comment and return its number."""
        [number] = self.decide(comment.exercise, [Decision(student, [comment])])
        return number

    def decide(self, exercise: Key, decisions: Sequence[Decision]) -> list[int]:
        """Store what a person decided about an exercise of students, all of it or nothing; return the number of each.

        Raises:
            Overtaken: The exercise of some of them has another version by now than the person saw.
            UsageError: Nobody has such a key, or a chosen attempt does not exist.
        """
        with self.deciding(*(each.student for each in decisions)) as session:
            overtaken = [
                each.student
                for each in decisions
                if each.seen is not None and version_of(session, each.student, exercise) != each.seen
            ]
            if overtaken:
                raise Overtaken(exercise, overtaken)
            for each in decisions:
                for decided in each.decided:
                    if isinstance(decided, Choice):
                        self._refuse_no_attempt(session, each.student, decided.attempt)
            moment = now()
            rows = [decision_row(each.student, decided, moment) for each in decisions for decided in each.decided]
            session.add_all(rows)
            session.flush()
            return [row.id for row in rows]

    def _refuse_no_attempt(self, session: Session, student: str, number: int | None) -> None:
        numbers = [attempt.number for attempt in session.get_one(StudentRow, student).attempts]
        if number is not None and number not in numbers:
            listed = ", ".join(map(str, numbers)) or "none at all"
            raise UsageError(f"{student} has no attempt {number} in {self.shown}, only: {listed}.")

    def remove_comments(self, numbers: Mapping[str, Sequence[int]]) -> bool:
        """Hide comments of students by their numbers, which stay in the gradebook; tell whether there was one."""
        found = False
        with self.deciding(*numbers) as session:
            for student, wanted in numbers.items():
                for row in filter(None, (session.get(CommentRow, number) for number in wanted)):
                    if row.student == student and row.removed_at is None:
                        row.removed_at, found = now(), True
        return found

    def snippets(self, exercise: Key, most: int = 30) -> list[str]:
        """Return comments that were written on an exercise before, the most frequent first."""
        with self.session() as session:
            texts = session.scalars(
                select(CommentRow.text).where(
                    CommentRow.lesson == exercise[0],
                    CommentRow.exercise == exercise[1],
                    CommentRow.removed_at.is_(None),
                )
            ).all()
        return _most_frequent(texts, most)

    def reasons(self, exercise: Key, most: int = 30) -> dict[str, list[str]]:
        """Return reasons that were given for points of an exercise by criterion, the most frequent first."""
        with self.session() as session:
            rows = session.execute(
                select(HandMarkRow.criterion, HandMarkRow.why).where(
                    HandMarkRow.lesson == exercise[0], HandMarkRow.exercise == exercise[1]
                )
            )
            found: dict[str, list[str]] = {}
            for criterion, why in rows:
                found.setdefault(criterion, []).append(why)
        return {criterion: _most_frequent(reasons, most) for criterion, reasons in found.items()}

    def version(self, student: str, exercise: Key) -> str:
        """Return a text that is another one as soon as anything was decided or graded on an exercise of a student."""
        with self.session() as session:
            return version_of(session, student, exercise)

    def versions(self) -> dict[str, str]:
        """Return for every student a text that is another one as soon as anything about them is, comments apart."""
        with self.session() as session:
            found: dict[Any, list[object]] = {
                row.student: [row.name, row.groups, row.left_at]
                for row in session.execute(
                    select(StudentRow.student, StudentRow.name, StudentRow.groups, StudentRow.left_at)
                )
            }
            parts = [
                select(AttemptRow.student, AttemptRow.number, AttemptRow.submitted_at, AttemptRow.late,
                       AttemptRow.problem).order_by(AttemptRow.id),
                select(AttemptRow.student, func.max(ResultRow.id)).join(ResultRow).group_by(AttemptRow.student),
                select(HandMarkRow.student, func.max(HandMarkRow.id)).group_by(HandMarkRow.student),
                select(ChoiceRow.student, func.max(ChoiceRow.id)).group_by(ChoiceRow.student),
            ]  # fmt: skip
            for part in parts:
                for row in session.execute(part):
                    found[str(row[0])].append(tuple(row))
        return {student: repr(values) for student, values in found.items()}

    # --- reading --------------------------------------------------------------------------------------------------

    def students(self) -> dict[str, str]:
        """Return the names of all students by their keys, those who have left, too."""
        with self.session() as session:
            return {row.student: row.name for row in session.scalars(select(StudentRow))}

    def record(self, student: str) -> StudentRecord | None:
        """Return everything about a student, None if there is nobody of that key."""
        return next(iter(self._records([student])), None)

    def records(self, only: Sequence[str] | None = None) -> Iterator[StudentRecord]:
        """Return everything about all students, or `only` some, one by one and sorted by key.

        Raises `UsageError` for a damaged row, with the name of its student.
        """
        keys = sorted(self.students() if only is None else only)
        for start in range(0, len(keys), _AT_ONCE):
            yield from self._records(keys[start : start + _AT_ONCE])

    def _records(self, keys: Sequence[str]) -> list[StudentRecord]:
        with self.session() as session:
            rows = session.scalars(
                select(StudentRow)
                .where(StudentRow.student.in_(keys))
                .options(selectinload(StudentRow.attempts).selectinload(AttemptRow.results))
            ).all()
            decided = {
                table: by_student(session.scalars(select(table).where(table.student.in_(keys)).order_by(table.id)))
                for table in (HandMarkRow, ChoiceRow, CommentRow)
            }
            return sorted((self._record_of(row, decided) for row in rows), key=lambda record: record.student)

    def _record_of(self, row: StudentRow, decided: Mapping[Any, Mapping[str, list[Any]]]) -> StudentRecord:
        of = {table: rows.get(row.student, []) for table, rows in decided.items()}
        return StudentRecord(
            row.student,
            row.name,
            lines(row.groups),
            row.left_at,
            [self._attempt_of(attempt) for attempt in row.attempts],
            [hand_mark_of(each) for each in of[HandMarkRow]],
            [choice_of(each) for each in of[ChoiceRow]],
            [comment_of(each) for each in of[CommentRow] if each.removed_at is None],
        )

    def _attempt_of(self, row: AttemptRow) -> Attempt:
        latest = {(result.lesson, result.exercise): result for result in row.results}
        results = {key: self._stored(result, row) for key, result in latest.items()}
        return Attempt(
            row.number,
            row.handin,
            row.sha256,
            row.problem,
            row.submitted_at,
            row.late,
            row.received_at,
            results,
            lines(row.members),
        )

    def _stored(self, row: ResultRow, attempt: AttemptRow) -> Stored:
        try:
            return stored_of(row)
        except ValueError as error:
            raise UsageError(
                f"{self.shown} {databases.DAMAGED} (a result of {attempt.student}, attempt {attempt.number}: {error})."
            ) from error

    def latest_results(self) -> dict[Key, ExerciseResult]:
        """Return the latest result of every exercise that anybody has one of who has not left."""
        latest = (
            select(func.max(ResultRow.id))
            .join(AttemptRow)
            .join(StudentRow)
            .where(StudentRow.left_at.is_(None))
            .group_by(ResultRow.lesson, ResultRow.exercise)
        )
        with self.session() as session:
            rows = session.execute(select(ResultRow, AttemptRow).join(AttemptRow).where(ResultRow.id.in_(latest))).all()
            return {(row.lesson, row.exercise): self._stored(row, attempt).result for row, attempt in rows}

    def decided_exercises(self) -> list[Key]:
        """Return the exercises that somebody gave points by hand for to anybody who has not left."""
        with self.session() as session:
            rows = session.execute(
                select(HandMarkRow.lesson, HandMarkRow.exercise)
                .join(StudentRow)
                .where(StudentRow.left_at.is_(None))
                .distinct()
            )
            return [(lesson, exercise) for lesson, exercise in rows]

    def texts(self, stored: Stored) -> dict[str, str]:
        """Return the texts that a stored result was graded from, by path."""
        with self.session() as session:
            rows = {row.sha256: row.content for row in session.scalars(
                select(ContentRow).where(ContentRow.sha256.in_(set(stored.code.values())))
            )}  # fmt: skip
        return {
            path: zlib.decompress(rows[sha256]).decode("utf-8", "replace")
            for path, sha256 in stored.code.items()
            if sha256 in rows
        }

    @contextmanager
    def deciding(self, *students: str) -> Iterator[Session]:
        """Yield a session that may write, about students; `UsageError` if the gradebook does not know one of them."""
        with self.session(writing=True) as session:
            for student in students:
                if session.get(StudentRow, student) is None:
                    raise self._stranger(student)
            yield session

    def _stranger(self, student: str) -> UsageError:
        return UsageError(f"Nobody in {self.shown} has the key {student}: `grade export` lists those who are there.")


def _most_frequent(texts: Sequence[str], most: int) -> list[str]:
    return sorted(dict.fromkeys(texts), key=lambda each: (-texts.count(each), each))[:most]
