"""Reads everything that the page of one hand-in shows, and that of an attempt which does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from grader.classroom.explaining import joined_lines, later_without_work, lines_on, when_handed_in
from grader.classroom.export import class_of
from grader.classroom.formats.csv import number
from grader.classroom.joining import counting_result
from grader.classroom.marking.code import answer, lines, visible
from grader.classroom.marking.form import Form, form_of, manual_titles
from grader.classroom.marking.group import group_of, members_of
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from markupsafe import Markup

    from grader.classroom.gradebook import Gradebook
    from grader.classroom.marking.disguise import Disguise
    from grader.classroom.marking.group import Member
    from grader.classroom.marks import CriterionMark, Mark, StudentMarks
    from grader.classroom.records import Attempt, Comment, Key, Stored
    from grader.course.model import Course
    from grader.results import ExerciseResult


class HandIn(NamedTuple):
    """One exercise of one student: the mark, what was graded last with everything about it, and its texts by path.

    `seen` is the version that all of it has. `group` are the others whose hand-in it is.
    """

    student: StudentMarks
    mark: Mark
    points: str
    result: ExerciseResult | None
    texts: Mapping[str, str]
    snippets: Sequence[str]
    reasons: Mapping[str, Sequence[str]]
    seen: str
    group: Sequence[Member]

    def form(self, number_of: Callable[[str], str]) -> Form:
        """Return the form as the gradebook has it; `number_of` says which number stands for a student."""
        able = {number_of(member.student): member for member in self.group if member.same}
        return form_of(self.student.record, self.mark, self.seen)._replace(
            together=[name for name, member in able.items() if member.alike],
            seen_of={name: member.seen for name, member in able.items()},
        )

    def disguised(self, who: Disguise) -> Shown:
        """Return what the page shows of it."""
        record, mark = self.student.record, self.mark
        comments = [each for each in record.comments if each.exercise == mark.exercise]
        work = _work(self.result, self.texts, [each for each in comments if each.attempt == mark.code_attempt], who)
        return Shown(
            self.points,
            joined_lines(mark),
            [who.sentence(line) for line in (*lines_on(mark), *later_without_work(record, mark))],
            [_attempt(each, who, mark) for each in record.attempts],
            work,
            [each for title in manual_titles(mark) for each in mark.criteria if each.title == title],
            [each for each in comments if each.number not in work.inline],
            self.snippets,
            self.reasons,
        )


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


class Work(NamedTuple):
    """What somebody handed in, as pages show it: answers and code, and what checks said."""

    result: ExerciseResult | None
    files: Sequence[File]
    answers: Sequence[tuple[str, Markup]]
    unread_answers: Sequence[str]

    @property
    def inline(self) -> set[int]:
        """The numbers of the comments that stand below lines."""
        return {each.number for file in self.files for line in file.lines for each in line.comments}


class Listed(NamedTuple):
    """An attempt in a list: what there is to say about it, and whether it counts."""

    number: int
    sentence: str
    counts: bool


class Shown(NamedTuple):
    """What the page of a hand-in shows; `comments` are those on no line that is shown."""

    points: str
    joined: Sequence[str]  # on an attempt that counts with a part of another one
    sentences: Sequence[str]
    attempts: Sequence[Listed]
    work: Work
    manual: Sequence[CriterionMark]
    comments: Sequence[Comment]
    snippets: Sequence[str]
    reasons: Mapping[str, Sequence[str]]


class ShownAttempt(NamedTuple):
    """What the page of an attempt shows that does not count: it is there to be read."""

    sentence: str
    said: Sequence[str]
    work: Work
    comments: Sequence[Comment]


def handin_of(course: Course, book: Gradebook, student: str, key: Key) -> HandIn:
    """Return everything about one exercise of one student.

    Raises:
        UsageError: the gradebook does not know the student any more, or cannot be read.
    """
    seen = book.version(student, key)  # first: what changes while the rest is read makes this version an old one
    found = class_of(course, book, only=[student], asked=[key])
    record = book.record(student)
    if record is None or not found.students:
        raise _gone()
    marks = found.students[0]
    mark = marks.marks[key]
    members = members_of(marks, mark)
    versions = {member: book.version(member, key) for member in members}
    others = class_of(course, book, only=members, asked=[key]).students if members else []
    graded = [attempt.results[key] for attempt in record.attempts if key in attempt.results]
    counting = counting_result(record, key, mark.code_attempt, mark.answer_attempt)
    stored = counting or next(reversed(graded), None)
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
        group_of(marks, mark, others, versions),
    )


def attempt_of(
    course: Course, book: Gradebook, student: str, key: Key, wanted: int, disguise: Callable[[StudentMarks], Disguise]
) -> ShownAttempt | None:
    """Return what there is to read about one attempt, None if there is none of that number.

    Raises `UsageError` if the gradebook does not know the student any more, or cannot be read.
    """
    found = class_of(course, book, only=[student], asked=[key])
    record = book.record(student)
    if record is None or not found.students:
        raise _gone()
    attempt = next((each for each in record.attempts if each.number == wanted), None)
    if attempt is None:
        return None
    mark, who = found.students[0].marks[key], disguise(found.students[0])
    stored = attempt.results.get(key)
    comments = [each for each in record.comments if each.exercise == key and each.attempt == wanted]
    work = _work(stored.result if stored else None, book.texts(stored) if stored else {}, comments, who)
    return ShownAttempt(
        _attempt(attempt, who, mark).sentence,
        [_role(attempt, mark), *_points(stored)],
        work,
        [each for each in comments if each.number not in work.inline],
    )


def _gone() -> UsageError:
    return UsageError("This student is not in the gradebook any more: go back to the list.")


def _role(attempt: Attempt, mark: Mark) -> str:
    """Return a sentence on what an attempt means for a mark."""
    if attempt.number == mark.attempt:
        return "This attempt counts."
    part = {mark.code_attempt: "code", mark.answer_attempt: "answer in text"}.get(attempt.number)
    if part:
        return f"Of this attempt, the {part} counts, with attempt {mark.attempt}: it can only be read."
    if mark.attempt is None:
        return "This attempt does not count, and no other one does: it can only be read."
    return f"This attempt does not count, because attempt {mark.attempt} does: it can only be read."


def _points(stored: Stored | None) -> list[str]:
    if stored is None or not stored.decided:
        return []
    by_checks = sum(each.max_points for each in stored.result.criteria if not each.manual)
    return [f"Its checks gave {stored.result.points:.10g} of {by_checks:.10g} points."]


def _work(result: ExerciseResult | None, texts: Mapping[str, str], comments: Sequence[Comment], who: Disguise) -> Work:
    """Return what was handed in, with the comments on its lines."""
    files = [
        File(index, who.file(index, path), [
            Line(place + 1, html, [each for each in comments if (each.path, each.line) == (path, place + 1)])
            for place, html in enumerate(lines(path, text))
        ])
        for index, (path, text) in enumerate(texts.items())
    ]  # fmt: skip
    if result is None:
        return Work(None, files, [], [])
    answers = [
        (f"Answer {index + 1}" if who.hidden else visible(each.place), answer(each.text))
        for index, each in enumerate(result.answers)
    ]
    return Work(_disguised(result, who), files, answers, [who.sentence(said) for said in result.unread_answers])


def _attempt(attempt: Attempt, who: Disguise, mark: Mark) -> Listed:
    counts = attempt.number == mark.attempt
    parts = [
        f"Attempt {attempt.number}, {when_handed_in(attempt)}",
        "late by the platform" if attempt.late else "",
        "counts" if counts else "",
        who.sentence(attempt.problem),
    ]
    return Listed(attempt.number, ", ".join(filter(None, parts)), counts)


def _disguised(result: ExerciseResult, who: Disguise) -> ExerciseResult:
    checks = [msgspec.structs.replace(check, message=who.sentence(check.message)) for check in result.checks]
    return msgspec.structs.replace(result, checks=tuple(checks))
