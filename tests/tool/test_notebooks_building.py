"""Lesson notebooks, built from the page and the stubs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import nbformat
import pytest

from grader.authoring.notebooks import built, with_requirement
from grader.course.finding import find_course
from grader.errors import UsageError
from grader.submission.model import Source
from grader.submission.reading import read_submission
from helpers.course_factory import make_course, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.command import Command

pytestmark = pytest.mark.light

LIST = "* [`first`](first.py): the first. `grade first`\n* [`second`](second.py): the second,\n  and its last line.\n"
STUB = (
    '%%exercise first\ndef first(number: int) -> int:\n    """Return twice `number`."""\n    raise NotImplementedError'
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path, ["numbers/first", "numbers/second"])


def cells(course: Path, page: str) -> list[str]:
    """Return the first lines of the cells that a lesson's notebook has of such a page."""
    (course / "exercises/numbers/README.md").write_text(page)
    made = nbformat.reads(built(find_course(course).lessons[0]), as_version=4).cells
    return [cell.source.partition("\n")[0] for cell in made[1:-4]]


def test_a_notebook_begins_with_a_set_up_and_ends_with_what_is_handed_in(course: Path) -> None:
    (course / "exercises/numbers/README.md").write_text("# Numbers\n")
    made = nbformat.reads(built(find_course(course).lessons[0]), as_version=4).cells
    assert made[0].source.startswith("# @title Set-up")
    assert made[0].source.endswith('ready("numbers")')
    assert [cell.source.partition("\n")[0] for cell in made[-4:]] == [
        "## How far you are", "import grader", "## Hand in", "grader.handin()",
    ]  # fmt: skip
    compile(made[0].source, "set-up", "exec")


def test_a_release_says_in_the_set_up_what_pip_installs(course: Path) -> None:
    (course / "exercises/numbers/README.md").write_text("# Numbers\n")
    text = built(find_course(course).lessons[0]).encode()
    made = nbformat.reads(with_requirement(text, "diffusion-grader @ git+https://host/x.git@1").decode(), as_version=4)
    assert 'REQUIREMENT = "diffusion-grader @ git+https://host/x.git@1"  #' in made.cells[0].source
    assert made.cells[1:] == nbformat.reads(text.decode(), as_version=4).cells[1:]


def test_links_to_stubs_lead_to_the_headings_of_their_cells(course: Path) -> None:
    page = "# Numbers\n\nFirst [one](first.py), then [two](second.py).\n\n## The first\n\n<!-- exercise first -->\n\n## Two more\n\n<!-- exercise second -->\n"
    (course / "exercises/numbers/README.md").write_text(page)
    made = nbformat.reads(built(find_course(course).lessons[0]), as_version=4).cells
    assert "First [one](#The-first), then [two](#Two-more)." in made[1].source


def test_pictures_of_the_page_travel_in_the_notebook(course: Path) -> None:
    lesson = course / "exercises/numbers"
    (lesson / "README.md").write_text("# Numbers\n\n![a curve](pictures/curve.png) ![afar](https://host/far.png)\n")
    with pytest.raises(UsageError, match=r"pictures/curve\.png"):
        built(find_course(course).lessons[0])
    write_files(lesson, {"pictures/curve.png": b"png"})
    page = nbformat.reads(built(find_course(course).lessons[0]), as_version=4).cells[1]
    assert page.source.endswith("![a curve](attachment:curve.png) ![afar](https://host/far.png)")
    assert page.attachments == {"curve.png": {"image/png": base64.b64encode(b"png").decode()}}


def test_exercises_follow_their_items_in_the_list(course: Path) -> None:
    page = f"# Numbers\n\nHello.\n\n## One\n\nText.\n\n## Exercises\n\nDo them.\n\n{LIST}\nSource: nobody.\n"
    assert cells(course, page) == [
        "# Numbers", "## One", "## Exercises", "[`first`](#Exercises): the first. `grade first`",
        "%%exercise first", "[`second`](#Exercises): the second,", "%%exercise second", "Source: nobody.",
    ]  # fmt: skip


def test_exercises_follow_the_sections_that_link_to_them(course: Path) -> None:
    page = f"# Numbers\n\n## One\n\nSee [it](second.py).\n\n## Two\n\nText.\n\n## Exercises\n\n{LIST}\n"
    assert cells(course, page) == [
        "# Numbers", "## One", "%%exercise second", "## Two", "## Exercises",
        "[`first`](#Exercises): the first. `grade first`", "%%exercise first",
    ]  # fmt: skip


def test_exercises_stand_where_they_are_marked(course: Path) -> None:
    page = f"# Numbers\n\n## One\n\nBefore.\n\n<!-- exercise first -->\n\nAfter.\n\n<!-- exercise second -->\n\n## Exercises\n\n{LIST}\nSource: nobody.\n"
    assert cells(course, page) == [
        "# Numbers", "## One", "%%exercise first", "After.", "%%exercise second", "Source: nobody.",
    ]  # fmt: skip


def test_exercises_that_the_page_does_not_name_come_last(course: Path) -> None:
    assert cells(course, "# Numbers\n") == ["# Numbers", "%%exercise first", "%%exercise second"]


def test_a_heading_inside_a_block_of_code_is_none(course: Path) -> None:
    assert cells(course, "# Numbers\n\n```\n## no heading\n```\n[x](first.py)\n\n## One\n")[:3] == [
        "# Numbers",
        "%%exercise first",
        "## One",
    ]


@pytest.mark.parametrize("mark", ["third", "first -->\n<!-- exercise first"])
def test_a_mark_for_no_exercise_or_twice_is_refused(course: Path, mark: str) -> None:
    with pytest.raises(UsageError, match="which is not there, or twice"):
        cells(course, f"# Numbers\n<!-- exercise {mark} -->\n")


def test_a_stub_is_a_cell_without_its_title(course: Path) -> None:
    (course / "exercises/numbers/README.md").write_text("# Numbers\n")
    made = nbformat.reads(built(find_course(course).lessons[0]), as_version=4).cells
    assert made[2].source == STUB


def test_a_stub_that_was_worked_on_is_refused(course: Path) -> None:
    (course / "exercises/numbers/first.py").write_text("def first(number): return 1")
    with pytest.raises(UsageError, match="has been worked on: put the stub back"):
        cells(course, "# Numbers\n")


def test_a_lesson_without_a_page_is_refused(course: Path) -> None:
    with pytest.raises(UsageError, match="is missing: write the lesson's page"):
        built(find_course(course).lessons[0])


def test_the_same_input_gives_the_same_bytes_and_valid_ids(course: Path) -> None:
    (course / "exercises/numbers/README.md").write_text(
        f"# Numbers\n\n## One\n\n## One\n\n## {'Long ' * 50}\n\n## Exercises\n\n{LIST}\n"
    )
    lesson = find_course(course).lessons[0]
    text = built(lesson)
    assert built(lesson) == text
    ids = [cell.id for cell in nbformat.reads(text, as_version=4).cells]
    assert len(set(ids)) == len(ids)
    assert ids[:4] == ["load", "text-numbers", "text-one", "text-one-2"]


def test_what_is_built_can_be_handed_in(course: Path) -> None:
    (course / "exercises/numbers/README.md").write_text("# Numbers\n")
    path = course / "work.ipynb"
    path.write_text(built(find_course(course).lessons[0]).replace("raise NotImplementedError", "return 2 * number"))
    submission = read_submission(path)
    assert all(isinstance(submission.source_of(exercise), Source) for exercise in find_course(course).exercises)


def test_a_stale_notebook_is_told_and_built(course: Path, command: Command) -> None:
    def build(*arguments: str) -> tuple[int, str]:
        done = command.run("notebook", "build", *arguments, cwd=course)
        return done.returncode, done.stdout + done.stderr

    path = course / "exercises/numbers/lesson.ipynb"
    (course / "exercises/numbers/README.md").write_text("# Numbers\n")
    stale = "exercises/numbers/lesson.ipynb is stale: build it with `grade notebook build numbers`.\n"
    assert build("--check") == (1, stale)
    assert not path.exists()
    assert build("numbers") == (0, "exercises/numbers/lesson.ipynb is built.\n")
    assert build("--check") == (0, "exercises/numbers/lesson.ipynb is up to date.\n")
    (course / "exercises/numbers/README.md").write_text("# Numbers, again\n")
    assert build("--check") == (1, stale)
