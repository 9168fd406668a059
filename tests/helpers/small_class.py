"""A small class for tests of marks: a course with points by hand, and a gradebook that results are put into."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from grader.classroom.deciding import Decisions
from grader.classroom.explaining import explained
from grader.classroom.export import class_of
from grader.classroom.gradebook import Gradebook
from grader.classroom.marks import HELD_BACK
from grader.classroom.records import Delivery, Graded
from grader.course.finding import find_course
from grader.results import Answer, CheckResult, CriterionResult, ExerciseResult, Outcome
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal
    from pathlib import Path

    from grader.classroom.export import ClassMarks
    from grader.classroom.marks import Mark, StudentMarks

LIBRARIES = "torch 2.13.0"
DOUBLE, TWOFOLD = ("numbers", "double"), ("numbers", "twofold")
MANUAL = """
[[exercises.double.criteria]]
title = "The idea, in words"
points = 4
visibility = "public"
manual = true

[[exercises.double.criteria]]
title = "The idea, drawn"
points = 2
visibility = "public"
manual = true
"""


class Class:
    """A course with points by hand, and a gradebook that results are put into without grading anything."""

    def __init__(self, root: Path, place: str = "") -> None:
        self.root = make_course(root / "course", ["numbers/double", "numbers/twofold"])
        rubric = self.root / "rubrics/numbers.toml"
        text = rubric.read_text()
        first, second, rest = text.partition("[exercises.twofold]")
        first = first.replace("points = 10\n", "points = 16\n", 1)
        lesson = first.replace("points = 20\n", "points = 26\n", 1)
        rubric.write_text(lesson + MANUAL + "\n" + second + rest)
        self.course = find_course(self.root)
        self.book = Gradebook.create(place or root / "class.sqlite", self.course.name, LIBRARIES)
        self.decisions = Decisions(self.course, self.book, "eve")

    def policy(self, text: str) -> None:
        write_files(self.root, {"rubrics/policy.toml": f'schema = "grader.policy/1"\ntime_zone = "UTC"\n{text}'})

    def hand_in(
        self,
        student: str,
        points: float | None = None,
        *,
        when: str | None = None,
        problem: str = "",
        written: bool = True,
        held: str = "",
        exercise: tuple[str, str] = DOUBLE,
        answer: str = "",
        **made_of: str,
    ) -> int:
        """Put a hand-in with its result into the gradebook: points of the checks, or that it was held back.

        `answer` is what it says in text; without code (`written`), it is all that there is.
        """
        sha256 = f"{student}{points}{when}{problem}{held}{exercise}{answer}{sorted(made_of)}"
        number = self.book.attempt(
            Delivery(student, handin="work.py", submitted_at=when, sha256=sha256, problem=problem)
        )
        if not problem:
            found = result(points, held, exercise)
            if answer:
                found = msgspec.structs.replace(found, answers=(Answer(f"{exercise[1]}.md", answer),))
            code = {"double.py": f"# {points} points\n"} if written else {}
            graded = Graded(found, {"hand-in": sha256, **made_of}, 0.1, "strict", written, code)
            self.book.store(student, number, [graded])
        return number

    def put(
        self,
        student: str,
        found: ExerciseResult,
        code: Mapping[str, str],
        *,
        name: str = "",
        handin: str = "work.py",
    ) -> int:
        """Put a hand-in with a certain result and certain code into the gradebook."""
        sha256 = f"{student}{found}{code}"
        number = self.book.attempt(Delivery(student, name, handin, sha256=sha256))
        self.book.store(student, number, [Graded(found, {"hand-in": sha256}, 0.1, "strict", code=code)])
        return number

    def marks(self) -> ClassMarks:
        return class_of(self.course, self.book)

    def of(self, student: str) -> StudentMarks:
        return next(each for each in self.marks().students if each.record.student == student)

    def mark(self, student: str = "ada", exercise: tuple[str, str] = DOUBLE) -> Mark:
        return self.of(student).marks[exercise]

    def total(self, student: str = "ada") -> Decimal | None:
        return self.marks().total_of(self.of(student))

    def explained(self, student: str = "ada") -> str:
        drawing = io.StringIO()
        Console(file=drawing, width=200).print(explained(self.marks(), self.of(student)))
        return drawing.getvalue()


def result(points: float | None, held: str = "", exercise: tuple[str, str] = DOUBLE) -> ExerciseResult:
    by_checks = 10.0
    outcome = Outcome.ERROR if points is None else Outcome.PASSED if points == by_checks else Outcome.FAILED
    message = (f"{HELD_BACK} {held}" if held else "It broke.") if points is None else ""
    check = CheckResult("test_it", "It doubles.", "public", outcome, message, 0.0, None, ())
    criteria = [CriterionResult("It doubles", points or 0.0, by_checks, outcome, "public", ("test_it",), False)]
    if exercise == DOUBLE:
        criteria += [
            CriterionResult(title, 0.0, worth, Outcome.SKIPPED, "public", (), True)
            for title, worth in (("The idea, in words", 4.0), ("The idea, drawn", 2.0))
        ]
    worth = sum(criterion.max_points for criterion in criteria)
    return ExerciseResult(*exercise, points or 0.0, worth, outcome, (check,), tuple(criteria))
