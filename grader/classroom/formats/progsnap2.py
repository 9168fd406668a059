"""Writes the attempts of a class as a ProgSnap2 dataset, for research: events, and the code that each is about.

Version 6 of https://cssplice.org/progsnap2. The tables are DatasetMetadata.csv, MainTable.csv, and a folder of files
below CodeStates for each code.
"""

from __future__ import annotations

import csv
import io
import secrets
from contextlib import closing
from typing import TYPE_CHECKING, Any

from grader.classroom.gradebook import Gradebook
from grader.report.documents import File, Files
from grader.report.registry import Format
from grader.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import StudentMarks
    from grader.classroom.records import Attempt, Stored

_METADATA = (
    ("Property", "Value"),
    ("Version", "6"),
    ("IsEventOrderingConsistent", "true"),
    ("EventOrderScope", "Restricted"),
    ("EventOrderScopeColumns", "SubjectID"),
    ("CodeStateRepresentation", "Directory"),
)
_COLUMNS = (
    "EventID", "SubjectID", "Order", "EventType", "ToolInstances", "CodeStateID", "ParentEventID", "ServerTimestamp",
    "CourseID", "AssignmentID", "ProblemID", "Attempt", "Score", "TestID", "ExecutionResult", "InterventionCategory",
    "InterventionType", "InterventionMessage",
)  # fmt: skip
_RESULTS = {Outcome.PASSED: "Success", Outcome.FAILED: "Error", Outcome.ERROR: "Error", Outcome.SKIPPED: ""}
_SAID = (
    "Names and keys are not in it: each student has a drawn id. Code is in it as it was handed in, and may hold names; "
    "dates are in it, too. Whether you may pass it on, your institution's rules say."
)


def dataset(exported: ClassMarks) -> Files:
    """Return the files of the dataset.

    An attempt at an exercise is a `Submit` event, and what became of each check a `Run.Test` in it. Known mistakes that
    were named are `Intervention` events.
    """
    return Files(_files(exported), [_SAID])


def _files(exported: ClassMarks) -> Iterator[File]:
    yield File("DatasetMetadata.csv", _table(_METADATA))
    events = _Events(exported)
    yield File("MainTable.csv", _table([_COLUMNS, *events.rows()]))
    with closing(Gradebook.open(exported.wanted.gradebook, exported.course.name)) as book:
        for state, stored in events.code.values():
            for number, text in enumerate(book.texts(stored).values(), start=1):  # a path may hold a name
                yield File(f"CodeStates/{state}/file_{number}.py", text.encode("utf-8", "surrogatepass"))


def _table(rows: Any) -> bytes:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    return stream.getvalue().encode("utf-8", "replace")


class _Events:
    """The events of a class; `code` are the states that they are about, with a result that was graded from each."""

    def __init__(self, exported: ClassMarks) -> None:
        self._exported = exported
        self.code: dict[tuple[tuple[str, str], ...], tuple[str, Stored]] = {}
        self._events = 0

    def rows(self) -> Iterator[list[Any]]:
        """Yield the lines of the main table."""
        students = list(self._exported.students)
        secrets.SystemRandom().shuffle(students)
        for number, student in enumerate(students, start=1):
            for order, event in enumerate(self._of(student), start=1):
                row = {**event, "SubjectID": f"s{number:05}", "Order": order, "CourseID": self._exported.course.name}
                yield [row.get(column, "") for column in _COLUMNS]

    def _of(self, student: StudentMarks) -> Iterator[Mapping[str, Any]]:
        for attempt in student.record.attempts:
            for key in self._exported.exercises:
                stored = attempt.results.get(key)
                if stored is not None and stored.decided and stored.written:
                    yield from self._submitted(attempt, stored)

    def _submitted(self, attempt: Attempt, stored: Stored) -> Iterator[Mapping[str, Any]]:
        result = stored.result
        worth = sum(each.max_points for each in result.criteria if not each.manual) or result.max_points
        about = {
            "ToolInstances": f"Python;diffusion-grader {stored.made_of.get('grader', '')}".strip(),
            "CodeStateID": self._state(stored),
            "ServerTimestamp": attempt.submitted_at or attempt.received_at,
            "AssignmentID": result.lesson,
            "ProblemID": result.name,
            "Attempt": attempt.number,
        }
        submit = self._event()
        score = round(min(result.points / worth, 1.0), 4) if worth else ""
        yield {**about, "EventID": submit, "EventType": "Submit", "Score": score}
        for check in result.checks:
            run = {**about, "ParentEventID": submit, "TestID": check.name}
            if check.outcome is not Outcome.SKIPPED:
                yield {
                    **run,
                    "EventID": self._event(),
                    "EventType": "Run.Test",
                    "ExecutionResult": _RESULTS[check.outcome],
                }
            for mistake in check.diagnosis:
                yield {
                    **run,
                    "EventID": self._event(),
                    "EventType": "Intervention",
                    "InterventionCategory": "Feedback",
                    "InterventionType": mistake.variant,
                    "InterventionMessage": mistake.title,
                }

    def _event(self) -> str:
        self._events += 1
        return f"e{self._events:07}"

    def _state(self, stored: Stored) -> str:
        what = tuple(sorted(stored.code.items()))
        if what not in self.code:
            self.code[what] = f"c{len(self.code) + 1:06}", stored
        return self.code[what][0]


FORMAT = Format("progsnap2", dataset, several=True)
