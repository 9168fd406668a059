"""The lessons' notebooks are those that their pages and stubs make, with each of their exercises."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.linting.check import check
from grader.authoring.notebooks import built, path_of
from grader.course.finding import find_course

if TYPE_CHECKING:
    from grader.course.model import Lesson

pytestmark = pytest.mark.light

COURSE = find_course(Path(__file__).parents[2])


every_lesson = pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)


@every_lesson
def test_it_is_up_to_date(lesson: Lesson) -> None:
    assert path_of(lesson).read_text(encoding="utf-8") == built(lesson), "run `grade notebook build`"


@every_lesson
def test_a_lesson_of_the_course_becomes_a_notebook_with_each_of_its_exercises(lesson: Lesson) -> None:
    made = nbformat.reads(built(lesson), as_version=4).cells
    first_lines = [cell.source.partition("\n")[0] for cell in made if cell.cell_type == "code"]
    asked = [line for line in first_lines if line.startswith("%%exercise ")]
    assert sorted(asked) == sorted(f"%%exercise {each.name}" for each in lesson.in_code)


@every_lesson
def test_nothing_in_it_is_against_a_rule(lesson: Lesson) -> None:
    assert [str(found) for found in check(path_of(lesson))] == []
