"""Writes a `results.json` for each student, as Gradescope's autograders do.

No test is `hidden`: if one were, Gradescope would not show students their total. What hidden checks gave appears once
the instructor publishes the grades.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from grader.classroom.file_names import file_names
from grader.classroom.outgoing import Outgoing
from grader.classroom.student_results import lateness_of, parts_of, state_of
from grader.report.documents import File, Files
from grader.report.registry import Format

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks
    from grader.classroom.student_results import Part

STATE = "grader.gradescope/1"


def results_json(exported: ClassMarks) -> Files:
    """Return `STUDENT/results.json` for everybody whose mark is decided; a missing one would be a zero."""
    outgoing = Outgoing(exported, "Gradescope")
    said = [*outgoing.said(), *outgoing.undecided()]
    return Files(_files(exported, outgoing), said)


def _files(exported: ClassMarks, outgoing: Outgoing) -> Iterator[File]:
    names = file_names(student.record.student for student in exported.students)
    for student in exported.students:
        if outgoing.number(student) is not None:
            results = results_of(exported, student)
            yield File(f"{names[student.record.student]}/results.json", json.dumps(results, indent=2).encode())


def results_of(exported: ClassMarks, student: StudentMarks) -> dict[str, Any]:
    """Return what Gradescope reads of a student whose marks are all decided."""
    score = Outgoing(exported, "Gradescope").number(student)
    assert score is not None
    tests = [_test(number, part) for number, part in enumerate(parts_of(student), start=1)]
    tests += [{"name": "Lateness", "output": said, "visibility": "visible"} for said in lateness_of(student)]
    return {
        "score": float(score),
        "output": exported.message_of(student),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "schema": STATE,
            "student": student.record.student,
            "marks": [state_of(mark) for mark in student.marks.values()],
        },
    }


def _test(number: int, part: Part) -> dict[str, Any]:
    test: dict[str, Any] = {
        "number": str(number),
        "name": part.name,
        "name_format": "text",
        "output": "\n".join(part.lines),
        "output_format": "text",
        "visibility": "after_published" if part.hidden else "visible",
    }
    if part.points is not None:  # without a score a test only informs, which is right for what is pending
        test |= {
            "score": float(part.points),
            "max_score": float(part.maximum),
            "status": "passed" if part.full else "failed",
        }
    return test


FORMAT = Format("gradescope", results_json, several=True, takes=("points",))
