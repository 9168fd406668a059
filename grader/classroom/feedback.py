"""Makes a page for each student: every number of their marks, what checks and people said, and their code."""

from __future__ import annotations

import functools
import re
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.explaining import joined_lines, later_without_work
from grader.classroom.file_names import file_names
from grader.classroom.formats.csv import number
from grader.classroom.gradebook import Gradebook
from grader.classroom.joining import counting_result
from grader.classroom.local_time import handed_in
from grader.classroom.platforms.platform import letters
from grader.classroom.roster import read_roster
from grader.errors import UsageError
from grader.report import code_places
from grader.report.documents import File, Files
from grader.report.failures import failures
from grader.report.hidden import without_hidden_details
from grader.report.html import environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    import jinja2

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Comment, Key, Stored, StudentRecord
    from grader.results import ExerciseResult


class Line(NamedTuple):
    """A line of a file; it may be one that a message names, and people may have said something about it."""

    number: int
    text: str
    concerned: bool
    comments: Sequence[Comment]


class Listing(NamedTuple):
    """A file as it was graded."""

    path: str
    lines: Sequence[Line]

    @property
    def concerned(self) -> set[tuple[str, int]]:
        """The lines that messages name."""
        return {(self.path, line.number) for line in self.lines if line.concerned}

    @property
    def has_remarks(self) -> bool:
        """Whether there is something to see at its lines."""
        return any(line.concerned or line.comments for line in self.lines)


class Shown(NamedTuple):
    """An exercise of the page: its mark, its result without what is hidden, and what people said about it."""

    mark: Mark
    points: str
    maximum: str
    joined: Sequence[str]  # on attempts that count in part, or do not though they have something
    result: ExerciseResult | None
    answers: Sequence[tuple[str, str]]  # where each stands, and its text as HTML
    comments: Sequence[Comment]


def feedback(exported: ClassMarks) -> Files:
    """Return `STUDENT.html` for everybody; each page is made when it is written, so that a large class fits."""
    names = file_names(student.record.student for student in exported.students)
    return Files(File(f"{names[key]}.html", page) for key, page in _pages(exported, exported.students))


def feedback_for_moodle(exported: ClassMarks) -> Files:
    """Return the pages as Moodle takes them back, each in a folder that is named after a participant.

    A group's number may be that of a participant, who would then read what is not theirs: only whom the worksheet names
    gets a page.

    Raises:
        UsageError: there is no worksheet, or it names nobody.
    """
    if exported.wanted.fill is None:
        raise UsageError(
            "Moodle knows people by numbers of this assignment alone, and groups by numbers that may be the same: name "
            "the grading worksheet with --fill, or any CSV file with a column `identifier`."
        )
    roster = read_roster(exported.wanted.fill, ("identifier", "id", "student"), digits=True)
    here: list[StudentMarks] = []
    without: list[StudentMarks] = []
    for student in exported.students:
        record = student.record
        member = roster.find(record.student) if record.student.isdecimal() else None
        unnamed = record.name in ("", record.student) or record.name.endswith(record.student)
        named = member is not None and (unnamed or not member.name or letters(member.name) == letters(record.name))
        (here if named else without).append(student)
    said = [
        f"{len(without)} are not participants in {exported.wanted.fill}, and have no page: "
        f"{', '.join(student.record.label for student in without)}."
    ] if without else []  # fmt: skip
    labels = {student.record.student: _without_underscores(student.record.name) for student in here}
    files = (
        File(f"{labels[key]}_{key}_assignsubmission_file_/report.html", page) for key, page in _pages(exported, here)
    )
    return Files(files, said)


def _without_underscores(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f&<>\"'|:\\/`_.~]+", " ", name).strip()[:80] or "Participant"


def _pages(exported: ClassMarks, students: Sequence[StudentMarks]) -> Iterator[tuple[str, bytes]]:
    with closing(Gradebook.open(exported.wanted.gradebook, exported.course.name)) as book:
        for student in students:
            record = book.record(student.record.student)
            if record is not None:
                yield record.student, page_of(exported, student, record, book.texts)


@functools.cache
def _environment() -> jinja2.Environment:
    pages = environment(Path(__file__).parent / "templates")
    # A student reads all of it, and not the first three reasons alone.
    pages.globals["failures_to_show"] = lambda checks: (failures(checks), "")
    pages.filters["number"] = number
    return pages


def page_of(
    exported: ClassMarks,
    student: StudentMarks,
    record: StudentRecord,
    texts_of: Callable[[Stored], Mapping[str, str]],
) -> bytes:
    """Return a student's page."""
    shown = shown_exercises(exported, student, record)
    listings = _listings(shown, _stored(student, record), texts_of)
    placed = {comment.number for listing in listings for line in listing.lines for comment in line.comments}
    counts: dict[int | None, list[str]] = {}
    for mark in student.marks.values():
        counts.setdefault(mark.attempt, []).append(mark.exercise[1])
        for part, other in (("its code", mark.code_attempt), ("its answer in text", mark.answer_attempt)):
            if other not in (None, mark.attempt):
                counts.setdefault(other, []).append(f"{mark.exercise[1]} ({part})")
    page = (
        _environment()
        .get_template("feedback.html.jinja")
        .render(
            course=exported.course.name,
            record=record,
            total=exported.total_of(student),
            raw=exported.raw_total_of(student),
            maximum=student.maximum,
            pending=student.pending,
            penalty=student.penalty,
            attempts=[
                (attempt, _moment(attempt.submitted_at, exported.policy.zone), counts.get(attempt.number, []))
                for attempt in record.attempts
            ],
            exercises=[each._replace(comments=[c for c in each.comments if c.number not in placed]) for each in shown],
            listings=listings,
        )
    )
    return page.encode("utf-8", "replace")


def shown_exercises(exported: ClassMarks, student: StudentMarks, record: StudentRecord) -> list[Shown]:
    """Return what there is to say to a student about each exercise."""
    stored = _stored(student, record)
    return [_shown(exported, mark, stored[key], record) for key, mark in student.marks.items()]


def _stored(student: StudentMarks, record: StudentRecord) -> dict[Key, Stored | None]:
    return {
        key: counting_result(record, key, mark.code_attempt, mark.answer_attempt) for key, mark in student.marks.items()
    }


def _moment(said: str | None, zone: tzinfo) -> str:
    moment = handed_in(said, zone)
    return "at a time that is not known" if moment is None else f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _shown(exported: ClassMarks, mark: Mark, stored: Stored | None, record: StudentRecord) -> Shown:
    result = without_hidden_details(stored.result) if stored is not None else None
    answers = [(answer.place, _markdown(answer.text)) for answer in result.answers] if result is not None else []
    comments = [comment for comment in record.comments if comment.exercise == mark.exercise]
    points, maximum = number(exported.points_of(mark)), number(mark.maximum)
    joined = [*joined_lines(mark), *later_without_work(record, mark)]
    return Shown(mark, points, maximum, joined, result, answers, comments)


def _markdown(text: str) -> str:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link", "autolink"])
    return str(renderer.render(text))


def _listings(
    shown: Sequence[Shown], stored: Mapping[Key, Stored | None], texts_of: Callable[[Stored], Mapping[str, str]]
) -> list[Listing]:
    """Return every file that was graded, once, with what messages and people say about its lines."""
    found: dict[tuple[str, str], Listing] = {}
    for each in shown:
        graded = stored[each.mark.exercise]
        if graded is None or each.result is None:
            continue
        concerned = code_places.concerned(each.result.checks)
        for path, text in texts_of(graded).items():
            earlier = found.get((path, graded.code[path]))
            comments = [c for c in each.comments if c.path == path and c.attempt in (None, each.mark.code_attempt)]
            found[path, graded.code[path]] = Listing(
                path,
                [
                    Line(
                        at,
                        line,
                        (path, at) in concerned or (earlier is not None and earlier.lines[at - 1].concerned),
                        [*(earlier.lines[at - 1].comments if earlier else ()), *(c for c in comments if c.line == at)],
                    )
                    for at, line in enumerate(text.split("\n"), start=1)
                ],
            )
    return list(found.values())
