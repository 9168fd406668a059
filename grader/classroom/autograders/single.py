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
    """Whose submission it is, when it came by the platform's clock, and which one of theirs it is."""

    student: str
    at: str | None = None
    number: int = 1


def marks_of_one(
    course: Course, policy: Policy, submitted: Submitted, results: Mapping[Key, ExerciseResult], isolation: str
) -> tuple[ClassMarks, StudentMarks]:
    """Return the marks of a submission as those of a class of one, by a policy."""
    stored = {key: Stored(result, "", {}, True, 0.0, isolation, "", {}) for key, result in results.items()}
    attempt = Attempt(submitted.number, "submission", "", "", submitted.at, None, "", stored)
    record = StudentRecord(submitted.student, submitted.student, attempts=[attempt])
    (student,) = marks_of([record], results, policy)
    return ClassMarks(course, results, [student], policy=policy), student
