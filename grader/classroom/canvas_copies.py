"""Packs feedback as Canvas takes it back: copies of files that were handed in, under the numbers that it gave them."""

from __future__ import annotations

import re
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.annotating import Remarks, annotated
from grader.classroom.explaining import lines_on
from grader.classroom.feedback import page_of, shown_exercises
from grader.classroom.formats.csv import number
from grader.classroom.gradebook import Gradebook
from grader.classroom.handins import MAX_HANDIN_BYTES, content_hash, handins_of, read_handed_in
from grader.classroom.platforms.canvas import PLATFORM
from grader.classroom.platforms.download import opened
from grader.classroom.roster import Member, Roster
from grader.errors import UsageError
from grader.report import code_places
from grader.report.documents import File, Files
from grader.report.failures import failures
from grader.report.formats.plain import shown_check
from grader.submission.entries import Form
from grader.submission.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from grader.classroom.export import ClassMarks
    from grader.classroom.feedback import Shown
    from grader.classroom.marks import StudentMarks
    from grader.classroom.platforms.platform import HandedIn
    from grader.classroom.records import Attempt, StudentRecord

_HEAD = (
    "Feedback on your work. What is marked like this was added; all numbers of lines and cells are those of your own "
    "file."
)
# Reasons why somebody gets no copy, in the order in which they are said.
_UNKNOWN = "are not in the gradebook"
_OTHER_WORK = "handed in something else than what was graded, so grade it first"
_NO_FILE = "handed in no file that can hold feedback (text that was typed in, a link, or files of other kinds)"
_NOT_ALIKE = "are one group and have different feedback, and Canvas shows the same file to all of them"
_ABSENT = "have nothing in the download"


class _OneOf(NamedTuple):
    """A student, what the gradebook knows of them, and the attempt that the hand-in is."""

    student: StudentMarks
    record: StudentRecord
    attempt: Attempt


def feedback_for_canvas(exported: ClassMarks) -> Files:
    """Return copies of the files in a download from Canvas, with remarks, for "Upload Submissions" there.

    Raises:
        UsageError: no download is named, or it does not come from Canvas.
    """
    fill = exported.wanted.fill
    if fill is None:
        raise UsageError(
            "Canvas takes feedback only as a changed copy of a file that was handed in, under the number that it gave "
            "to the file: name what its `Download Submissions` gave you, with --fill."
        )
    members = [
        Member(each.record.student, each.record.name, group=group)
        for each in exported.students
        for group in each.record.groups or ("",)
    ]
    with ExitStack() as stack:
        handins = handins_of(PLATFORM, stack.enter_context(opened(fill)), Roster(members))
        unreached: dict[str, list[str]] = {
            reason: [] for reason in (_UNKNOWN, _OTHER_WORK, _NO_FILE, _NOT_ALIKE, _ABSENT)
        }
        said: list[str] = []
        return Files(_copies(exported, handins, unreached, said, stack.pop_all()), said)


def _copies(
    exported: ClassMarks,
    handins: Sequence[HandedIn],
    unreached: dict[str, list[str]],
    said: list[str],
    download: ExitStack,
) -> Iterator[File]:
    students = {each.record.student: each for each in exported.students}
    with download, closing(Gradebook.open(exported.wanted.gradebook, exported.course.name)) as book:
        for handin in handins:
            copies, reason = _of_handin(exported, handin, students, book)
            if reason:
                unreached[reason].append(handin.label)
            yield from copies
    here = {person.key for handin in handins for person in handin.people}
    unreached[_ABSENT] += [each.record.label for key, each in students.items() if key not in here]
    said += [f"{len(labels)} {reason}: {', '.join(labels)}." for reason, labels in unreached.items() if labels]


def _of_handin(
    exported: ClassMarks, handin: HandedIn, students: Mapping[str, StudentMarks], book: Gradebook
) -> tuple[list[File], str]:
    """Return the copies of a hand-in's files, or why there are none."""
    known = [students[person.key] for person in handin.people if person.key in students]
    if not known or len(known) < len(handin.people):
        return [], _UNKNOWN
    graded = _as_graded(handin, known, book)
    if len(graded) < len(known):
        return [], _OTHER_WORK
    found = [_of_student(exported, handin, each, book, alone=len(known) == 1) for each in graded]
    if not found[0]:
        return [], _NO_FILE
    return (found[0], "") if all(each == found[0] for each in found) else ([], _NOT_ALIKE)


def _as_graded(handin: HandedIn, known: Sequence[StudentMarks], book: Gradebook) -> list[_OneOf]:
    """Return those of the students whose gradebook has this very work."""
    read = read_handed_in(handin).submission
    found = []
    for student in known:
        record = book.record(student.record.student)
        attempts = [] if record is None else [
            each
            for each in record.attempts
            if (each.problem == read.sentence if isinstance(read, Problem) else each.sha256 == content_hash(read))
        ]  # fmt: skip
        if record is not None and attempts:
            found.append(_OneOf(student, record, attempts[-1]))
    return found


def _of_student(exported: ClassMarks, handin: HandedIn, one: _OneOf, book: Gradebook, *, alone: bool) -> list[File]:
    """Return copies with what there is to say to one student: all of it in the first, in others what is about lines."""
    shown = shown_exercises(exported, one.student, one.record)
    files = sorted(zip(handin.files, handin.returned, strict=True), key=lambda each: each[0].form.value)
    places = {file.path: _places(shown, file.path, file.form, one.attempt.number) for file, _ in files}
    page = page_of(exported, one.student, one.record, book.texts) if alone else None
    whole = _on_the_whole(exported, one, shown, places)
    found: list[File] = []
    for file, name in files:
        if file.obstacle or (found and not places[file.path]):
            continue
        content, obstacle = file.open(MAX_HANDIN_BYTES)
        copy = None if obstacle else annotated(file.path, content, Remarks(whole, places[file.path]), page)
        if copy is not None:
            found.append(File(name, copy))
    return found


def _on_the_whole(
    exported: ClassMarks, one: _OneOf, shown: Sequence[Shown], places: Mapping[str, Mapping[tuple[int, int], object]]
) -> list[str]:
    total = exported.total_of(one.student)
    lines = [_HEAD, ""]
    lines.append(
        "No total yet." if total is None else f"Total: {number(total)} of {number(one.student.maximum)} points"
    )
    for each in shown:
        points = "no mark yet" if each.points == "" else f"{each.points} of {each.maximum} points"
        lines += ["", f"{each.mark.exercise[1]}: {points}", *(f"  {line}" for line in lines_on(each.mark))]
        if each.result is not None:
            for failure in failures(each.result.checks):
                lines += [_indented(text) for text in (shown_check(failure.check), failure.others) if text]
        for comment in each.comments:
            if (0, comment.line or 0) not in places.get(comment.path, {}):
                place = f", {comment.path} line {comment.line}" if comment.line else ""
                lines.append(_indented(f"{comment.author}{place}: {comment.text}"))
    return [*lines, ""]


def _places(shown: Sequence[Shown], path: str, form: Form, attempt: int) -> dict[tuple[int, int], list[str]]:
    """Return what is to be said of lines of a file: which failures name them, and what people say."""
    found: dict[tuple[int, int], list[str]] = {}
    for each in shown:
        exercise = each.mark.exercise[1]
        if each.result is None or each.mark.code_attempt != attempt:
            continue
        for failure in failures(each.result.checks):
            for named, line in sorted(code_places.concerned([failure.check])):
                if (cell := _cell(named, path, form)) is not None:
                    found.setdefault((cell, line), []).append(f"{exercise}: {failure.check.title}")
        for comment in each.comments:
            if comment.line and comment.path == path and comment.attempt in (None, attempt) and form is Form.PYTHON:
                found.setdefault((0, comment.line), []).append(f"{comment.author}: {comment.text}")
    return found


def _cell(named: str, path: str, form: Form) -> int | None:
    """Return the number of the cell that a message names, 0 for a file of code, None if it is not in this file."""
    if form is Form.PYTHON:
        return 0 if named == path else None
    cell = re.fullmatch(r", cell (\d+)", named.removeprefix(path)) if named.startswith(path) else None
    return int(cell[1]) if cell else None


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))
