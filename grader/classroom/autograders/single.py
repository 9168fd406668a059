"""The marks of one submission that is in no gradebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from grader.classroom.counting import marks_of
from grader.classroom.export import ClassMarks
from grader.classroom.records import Attempt, Stored, StudentRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.classroom.marks import StudentMarks
    from grader.classroom.policy import Policy
    from grader.classroom.records import Key
    from grader.course.model import Course
    from grader.results import ExerciseResult


class Submitted(NamedTuple):
    """Whose submission it is (all of a group's members), when it came by the platform's clock, and which of theirs."""

    students: tuple[str, ...]
    at: str | None = None
    number: int = 1


def marks_of_one(
    course: Course, policy: Policy, submitted: Submitted, results: Mapping[Key, ExerciseResult], isolation: str
) -> tuple[ClassMarks, StudentMarks]:
    """Return the marks of a submission as those of a class of one, by a policy.

    A platform gives all members of a group one score: that of the member who gets least, such as for want of tokens.
    """
    stored = {key: Stored(result, "", {}, True, 0.0, isolation, "", {}) for key, result in results.items()}
    attempt = Attempt(
        submitted.number, "submission", "", "", submitted.at, None, "", stored, members=submitted.students
    )
    records = [StudentRecord(student, student, attempts=[attempt]) for student in submitted.students]
    least = min(marks_of(records, results, policy), key=lambda student: student.penalty)
    return ClassMarks(course, results, [least], policy=policy), least
