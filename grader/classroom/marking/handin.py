"""Reads everything that the page of one hand-in shows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.classroom.explaining import lines_on
from grader.classroom.export import class_of
from grader.classroom.formats.csv import number
from grader.classroom.marking.code import answer, lines, visible
from grader.classroom.marking.form import manual_titles
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking.disguise import Disguise
    from grader.classroom.marks import CriterionMark, Mark, StudentMarks
    from grader.classroom.records import Attempt, Comment, Key
    from grader.course.model import Course
    from grader.results import ExerciseResult


class HandIn(NamedTuple):
    """One exercise of one student: the mark, what was graded last with everything about it, and its texts by path.

    `seen` is the version that all of it has.
    """

    student: StudentMarks
    mark: Mark
    points: str
    result: ExerciseResult | None
    texts: Mapping[str, str]
    snippets: Sequence[str]
    reasons: Mapping[str, Sequence[str]]
    seen: str

    def disguised(self, who: Disguise) -> Shown:
        """Return what the page shows of it."""
        record, mark = self.student.record, self.mark
        comments = [each for each in record.comments if each.exercise == mark.exercise]
        files = [
            File(index, who.file(index, path), [
                Line(place + 1, html, [each for each in comments if _is_on(each, mark, path, place + 1)])
                for place, html in enumerate(lines(path, text))
            ])
            for index, (path, text) in enumerate(self.texts.items())
        ]  # fmt: skip
        inline = {each.number for file in files for line in file.lines for each in line.comments}
        return Shown(
            self.points,
            [who.sentence(line) for line in lines_on(mark)],
            [_attempt(each, who, mark) for each in record.attempts],
            _disguised(self.result, who) if self.result is not None else None,
            files,
            [
                (f"Answer {index + 1}" if who.hidden else visible(each.place), answer(each.text))
                for index, each in enumerate(self.result.answers if self.result is not None else ())
            ],
            [who.sentence(said) for said in (self.result.unread_answers if self.result is not None else ())],
            [each for title in manual_titles(mark) for each in mark.criteria if each.title == title],
            [each for each in comments if each.number not in inline],
            self.snippets,
            self.reasons,
            self._others(who),
        )

    def _others(self, who: Disguise) -> Sequence[str]:
        """Return who else handed in the attempt that counts, nobody where names are hidden."""
        record = self.student.record
        counting = next((each for each in record.attempts if each.number == self.mark.attempt), None)
        members = counting.members if counting is not None and not who.hidden else ()
        return [visible(member) for member in members if member != record.student]


class Line(NamedTuple):
    """A line of a file, as HTML, and the comments on it."""

    number: int
    html: Markup
    comments: Sequence[Comment]


class File(NamedTuple):
    """A file that was graded; `place` is its place among them."""

    place: int
    name: str
    lines: Sequence[Line]


class Shown(NamedTuple):
    """What the page of a hand-in shows.

    `comments` are those on no line that is shown, and `together` the others whose hand-in it is.
    """

    points: str
    sentences: Sequence[str]
    attempts: Sequence[tuple[int, str]]
    result: ExerciseResult | None
    files: Sequence[File]
    answers: Sequence[tuple[str, Markup]]
    unread_answers: Sequence[str]
    manual: Sequence[CriterionMark]
    comments: Sequence[Comment]
    snippets: Sequence[str]
    reasons: Mapping[str, Sequence[str]]
    together: Sequence[str]


def handin_of(course: Course, book: Gradebook, student: str, key: Key) -> HandIn:
    """Return everything about one exercise of one student.

    Raises:
        UsageError: the gradebook does not know the student any more, or cannot be read.
    """
    seen = book.version(student, key)  # first: what changes while the rest is read makes this version an old one
    found = class_of(course, book, only=[student], asked=[key])
    record = book.record(student)
    if record is None or not found.students:
        raise UsageError("This student is not in the gradebook any more.")
    marks = found.students[0]
    mark = marks.marks[key]
    counting = next((each for each in record.attempts if each.number == mark.attempt), None)
    attempt = counting or next((each for each in reversed(record.attempts) if key in each.results), None)
    stored = attempt.results.get(key) if attempt is not None else None
    points = found.points_of(mark)
    said = f"{number(points)} of {number(mark.maximum)} points" if points is not None else "no mark yet"
    return HandIn(
        marks,
        mark,
        said + (f", and {number(mark.pending)} pending" if mark.pending else ""),
        stored.result if stored is not None else None,
        book.texts(stored) if stored is not None else {},
        book.snippets(key),
        book.reasons(key),
        seen,
    )


def minute(moment: str) -> str:
    """Return a time in ISO 8601 form to the minute, as people read it in its own zone."""
    found = datetime.fromisoformat(moment)
    return f"{found:%Y-%m-%d %H:%M} {found.tzname() or ''}".strip()


def _is_on(comment: Comment, mark: Mark, path: str, line: int) -> bool:
    return (comment.attempt, comment.path, comment.line) == (mark.attempt, path, line)


def _attempt(attempt: Attempt, who: Disguise, mark: Mark) -> tuple[int, str]:
    first_graded = minute(attempt.received_at) if attempt.received_at else "by an earlier grader"
    when = minute(attempt.submitted_at) if attempt.submitted_at else f"no time known, first graded {first_graded}"
    parts = [
        f"Attempt {attempt.number}, {when}",
        "late by the platform" if attempt.late else "",
        "counts" if attempt.number == mark.attempt else "",
        who.sentence(attempt.problem),
    ]
    return attempt.number, ", ".join(filter(None, parts))


def _disguised(result: ExerciseResult, who: Disguise) -> ExerciseResult:
    checks = [msgspec.structs.replace(check, message=who.sentence(check.message)) for check in result.checks]
    return msgspec.structs.replace(result, checks=tuple(checks))
