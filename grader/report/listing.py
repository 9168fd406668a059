"""Draws the list of a course's lessons and exercises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from grader.report.failures import points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from grader.course.model import Course
    from grader.course.rubric import ExerciseRubric


def listing(course: Course, rubrics: Mapping[tuple[str, str], ExerciseRubric]) -> RenderableType:
    """Return the course's lessons and exercises with points, checks and whether the stub has been worked on."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for name, side in (("exercise", "left"), ("points", "right"), ("checks", "right"), ("progress", "left")):
        table.add_column(name, justify="right" if side == "right" else "left", overflow="fold")
    for lesson in course.lessons:
        table.add_row(Text(lesson.name, "bold"))
        for exercise in lesson.exercises:
            worth = points(rubrics[lesson.name, exercise.name].points)
            state = Text("not written yet", "dim") if exercise.untouched else Text("begun", "green")
            table.add_row(f"  {exercise.name}", worth, str(len(exercise.checks)), state)
    return Group(Text(course.name, "bold"), table)
