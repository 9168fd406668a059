"""Every exercise has its part on its lesson's page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.course.finding import find_course
from grader.course.lesson_page import read_lesson_page

if TYPE_CHECKING:
    from grader.course.model import Exercise

pytestmark = pytest.mark.light

COURSE = find_course(Path(__file__).parents[2])
LESSONS = {lesson.name: lesson for lesson in COURSE.lessons}


@pytest.mark.parametrize("exercise", COURSE.in_code, ids=lambda exercise: exercise.name)
def test_its_lesson_leads_to_it(exercise: Exercise) -> None:
    page = read_lesson_page(LESSONS[exercise.lesson])
    part = page.part_of(exercise.name)
    assert part is not None, f"write a section that ends with [`{exercise.name}`]({exercise.name}.py)"
    assert f"<h2>{part.heading}" in page.html_of(exercise.name)


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)
def test_its_links_lead_somewhere(lesson: object) -> None:
    page = read_lesson_page(lesson)  # type: ignore[arg-type]
    names = {exercise.name for exercise in lesson.in_code}  # type: ignore[attr-defined]
    assert {name for part in page.parts for name in part.exercises} == names
