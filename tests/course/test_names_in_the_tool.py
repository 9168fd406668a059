"""The tool names no lesson and no exercise: whoever writes another course changes nothing in it.

`grader/diffusion` and `grader/tinyworld` are about Stable Diffusion, as this course is: its words are theirs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import grader
from grader.course.finding import find_course

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PROJECT = Path(__file__).parents[2]
TOOL = Path(grader.__file__).parent
ON_DIFFUSION = ("diffusion", "tinyworld")
# Functions of exercises whose names are the field's own words, and would be in the tool without this course.
OF_THE_FIELD = {
    "alphas_cumprod": "what diffusers calls the products of a schedule; the denoisers of grader/workbench take it",
}


def names_of(course: Path) -> set[str]:
    """Return the names of a course's lessons and exercises, and of the functions that are to be written."""
    found = find_course(course)
    functions = {function.name for exercise in found.in_code for function in exercise.functions}
    return {lesson.name for lesson in found.lessons} | {exercise.name for exercise in found.in_code} | functions


def texts(leaving_out: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Yield the text files of the tool: code with its docstrings and comments, templates, schemas, pages."""
    for path in sorted(TOOL.rglob("*")):
        place = path.relative_to(TOOL)
        if not path.is_file() or place.parts[0] in leaving_out or path.suffix in (".pyc", ".safetensors"):
            continue
        yield place, path.read_text(encoding="utf-8")


def places(names: Iterable[str], leaving_out: Iterable[str] = ()) -> list[str]:
    """Return where the tool has one of the names as a whole word, each with its line."""
    word = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b")
    return [
        f"grader/{place.as_posix()}:{number}: {line.strip()}"
        for place, text in texts(leaving_out)
        for number, line in enumerate(text.splitlines(), 1)
        if word.search(line)
    ]


@pytest.mark.parametrize(
    ("course", "leaving_out"),
    [(PROJECT, ON_DIFFUSION), (PROJECT / "tests" / "second_course", ())],
    ids=["this course", "the second course"],
)
def test_the_tool_names_no_lesson_and_no_exercise(course: Path, leaving_out: tuple[str, ...]) -> None:
    names = names_of(course) - OF_THE_FIELD.keys()
    found = places(names, leaving_out)
    print(f"{len(names)} names, {len(found)} places", *found, sep="\n")
    assert found == []


def test_words_of_the_field_are_listed_only_where_they_are_needed() -> None:
    needed = names_of(PROJECT) & OF_THE_FIELD.keys()
    assert {name for name in needed if places({name}, ON_DIFFUSION)} == OF_THE_FIELD.keys()


def test_a_name_would_be_found() -> None:
    assert any(place.startswith("grader/grading.py:") for place in places({"Verdict"}))
