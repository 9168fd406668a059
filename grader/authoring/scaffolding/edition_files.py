"""Changes the files of an edition to those with more support or less: stubs, notebooks, and pages with statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.authoring import notebooks
from grader.authoring.scaffolding.given_away import given_away
from grader.authoring.scaffolding.stub_texts import folded_statement, stub_text
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.course.blanks import Support
    from grader.course.model import Course, Lesson


def with_support(course: Course, files: Mapping[str, bytes], support: Support) -> dict[str, bytes]:
    """Return the files of an edition, by path, in which stubs and notebooks give that much support.

    Where stubs have no more than a sentence, the lesson's page holds the statements, folded away.

    Raises:
        UsageError: a solution's marks are missing or wrong, or another file holds what a blank stands for.
    """
    made = dict(files)
    for lesson in course.lessons:
        for exercise in lesson.in_code:
            made[f"exercises/{exercise.key}.py"] = stub_text(exercise, support).encode()
        place = f"exercises/{lesson.name}"
        if f"{place}/{notebooks.NAME}" in made:
            made[f"{place}/{notebooks.NAME}"] = notebooks.built(lesson, support).encode()
        if support == "independent":
            made[f"{place}/README.md"] = _with_statements(made.get(f"{place}/README.md", b""), lesson)
    if support == "guided" and (found := given_away(course.in_code, made)):
        first, *others = found
        more = f" ({len(others)} more like this)" if others else ""
        raise UsageError(
            f"{first.path} gives away a blank of {first.exercise}, `{first.text}`: hide it there too, or choose "
            f"another blank.{more}"
        )
    return made


def _with_statements(page: bytes, lesson: Lesson) -> bytes:
    folded = (folded_statement(exercise).encode() for exercise in lesson.in_code)
    return b"\n\n".join([page.rstrip(), b"## The statements", *folded]).lstrip() + b"\n"
