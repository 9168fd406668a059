"""The others whose hand-in it is: whom a decision can be made for at once, and what was decided about them before."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.explaining import decided_by_hand
from grader.classroom.marking.form import ATTEMPT, form_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from grader.classroom.marks import Mark, StudentMarks
    from grader.classroom.records import Attempt, Comment, StudentRecord


class Member(NamedTuple):
    """One of the others who handed in the same, with the mark and its version.

    `same` says that the work that counts for them is the same, so that the same can be decided, and `alike` that people
    have decided the same about it up to now.
    """

    marks: StudentMarks
    mark: Mark
    seen: str
    same: bool
    alike: bool

    @property
    def student(self) -> str:
        """The key of the student."""
        return self.marks.record.student

    @property
    def differs(self) -> Sequence[str]:
        """What people have decided, where that is something else than for the student who is looked at."""
        return [] if self.alike else decided_by_hand(self.mark) or ["Nobody has given points yet."]

    def twins(self, comments: Sequence[Comment]) -> list[int]:
        """Return the numbers of those comments that were made together with some of another student."""
        wanted = {_said(each) for each in comments}
        return [each.number for each in self.marks.record.comments if _said(each) in wanted]


def members_of(student: StudentMarks, mark: Mark) -> Sequence[str]:
    """Return the keys of the others who handed in the attempt that counts."""
    attempt = _counting(student.record, mark)
    return [key for key in attempt.members if key != student.record.student] if attempt is not None else []


def group_of(
    student: StudentMarks, mark: Mark, others: Sequence[StudentMarks], versions: Mapping[str, str]
) -> list[Member]:
    """Return those others who handed in the attempt that counts."""
    members = members_of(student, mark)
    decided = _decided(student, mark)
    found = []
    for other in others:
        if other.record.student in members:
            theirs = other.marks[mark.exercise]
            same = _work(other.record, theirs) == _work(student.record, mark)
            alike = _decided(other, theirs) == decided
            found.append(Member(other, theirs, versions[other.record.student], same, alike))
    return sorted(found, key=lambda member: members.index(member.student))


def _counting(record: StudentRecord, mark: Mark) -> Attempt | None:
    return next((each for each in record.attempts if each.number == mark.attempt), None)


def _work(record: StudentRecord, mark: Mark) -> object:
    of = {attempt.number: (attempt.sha256, sorted(attempt.members)) for attempt in record.attempts}
    numbers = (mark.attempt, mark.code_attempt, mark.answer_attempt)
    return [of.get(number) if number is not None else None for number in numbers]


def _decided(student: StudentMarks, mark: Mark) -> object:
    """Return what people have decided about a mark, the choice of an attempt apart: its number is the student's own."""
    fields = form_of(student.record, mark, "").fields
    return {name: (field.value, field.why) for name, field in fields.items() if name != ATTEMPT}


def _said(comment: Comment) -> object:
    return comment.exercise, comment.path, comment.line, comment.text, comment.author, comment.given_at
