"""The lessons' notebooks are those that their pages and stubs make."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.notebooks import built, path_of
from grader.course import Lesson, find_course

COURSE = find_course(Path(__file__).parents[1])


@pytest.mark.parametrize("lesson", COURSE.lessons, ids=lambda lesson: lesson.name)
def test_it_is_up_to_date(lesson: Lesson) -> None:
    assert path_of(lesson).read_text(encoding="utf-8") == built(lesson), "run `grade notebook build`"
