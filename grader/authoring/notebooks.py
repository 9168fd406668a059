"""Builds a lesson's notebook from its page and its stubs.

The page is split where its exercises belong, and each of them becomes a cell that begins with `%%exercise NAME`:

* at a line `<!-- exercise NAME -->` of the page, if there is one;
* else at the end of the first section that links to the stub (`NAME.py`);
* else after its item of the list under "Exercises".

An exercise of which a person marks a part is followed by a cell of text for the answer. A question of the lesson is a
cell of text and a cell `%answer NAME ...` at its place on the page, `<!-- question NAME -->`; there its text is filled
in as well. For those who study alone, the cell of text holds the answer too, folded away. The same page, stubs,
questions, rubric and pictures give the same bytes.
"""

from __future__ import annotations

import ast
import base64
import enum
import json
import mimetypes
import re
from typing import TYPE_CHECKING, Any

from grader.atomic import write_atomically
from grader.authoring.question_pages import filled_page
from grader.authoring.scaffolding.stub_texts import folded_statement, stub_text
from grader.course.lesson_page import LIST_OF_EXERCISES, sections
from grader.course.model import Course
from grader.course.questions.markdown import MARK, folded_answer, markdown_of, with_marks_alone
from grader.course.questions.reading import keys_of, questions_of
from grader.course.questions.typed import BLANK
from grader.course.rubric_reading import load_rubrics
from grader.course.sources import QUESTIONS
from grader.course.syntax import parse
from grader.errors import UsageError
from grader.faults import reading, text_of, writing
from grader.submission.answers import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator
    from pathlib import Path

    from grader.course.blanks import Support
    from grader.course.model import Exercise, Lesson
    from grader.course.questions.model import Question

NAME = "lesson.ipynb"
_SET_UP = """# @title Set-up: run this cell first
# Installs the grader if it is missing, without replacing anything, and finds the course. Run it again at any time.
import importlib
import importlib.util
import pathlib
import subprocess
import sys

REQUIREMENT = \"\"  # what pip is to install; if it is empty, a wheel in this folder or above it

if importlib.util.find_spec("grader") is None:
    here = pathlib.Path.cwd()
    wheels = [str(path) for folder in (here, *here.parents) for path in folder.glob("diffusion_grader-*.whl")]
    with_pip = importlib.util.find_spec("pip") is not None
    pip = [sys.executable, "-m", "pip", "install"] if with_pip else ["uv", "pip", "install", "--python", sys.executable]
    if REQUIREMENT or wheels:
        subprocess.run([*pip, "--quiet", "--no-deps", REQUIREMENT or wheels[0]], check=True)
        importlib.invalidate_caches()
if importlib.util.find_spec("grader") is None:
    print("Put the file diffusion_grader-....whl that you were given beside this notebook, and run this cell again.")
else:
    from grader.notebook.setting_up import ready

    ready("LESSON")"""
_ALL = """## How far you are

All exercises of this lesson at once: what failed opens, the rest is a line."""
_HAND_IN = """## Hand in

Save this notebook first. This cell writes a file with it, which you hand in. What passed here is for your own eyes:
your mark is what your instructor's grader finds."""
_MARK = re.compile(r"<!--\s*exercise\s+(\w+)\s*-->")
_ITEM = re.compile(r"[*-] ")
_HEADING = re.compile(r"#{1,6}[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_LINK_TO_STUB = re.compile(r"\]\((\w+)\.py\)")
_OWN_PICTURE = re.compile(r"(!\[[^\]]*\]\()(?!\w+:)([^)\s]+)(\))")
_LONGEST_ID = 64
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class State(enum.Enum):
    """What a lesson's notebook is, or has just become."""

    UP_TO_DATE = "is up to date"
    STALE = "is stale"
    BUILT = "is built"


def path_of(lesson: Lesson) -> Path:
    """Return where a lesson's notebook belongs."""
    return lesson.folder / NAME


def built(lesson: Lesson, support: Support | None = None, *, answers: bool = False) -> str:
    """Return the lesson's notebook as the text of its file, with the stubs as they are or with that much support.

    With `answers`, every question is followed by its answer.

    Raises:
        UsageError: the lesson has no page, a stub has been worked on, the page marks an exercise that is not there or
            shows a picture that is not, or the rubric is wrong.
    """
    import nbformat  # which may take a second: who reads pages alone, as `grade verify` does, needs none of it
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    page = _page_of(lesson)
    for exercise in lesson.in_code:
        if not exercise.untouched:
            raise UsageError(f"{exercise.stub} has been worked on: put the stub back before the notebook is built.")
    exercises = {exercise.name: exercise for exercise in lesson.in_code}
    rubrics = load_rubrics(Course(lesson.rubric.parents[1], "", (lesson,)), [lesson.name])
    cells = [new_code_cell(_SET_UP.replace("LESSON", lesson.name), id="load")]
    names: set[str] = set()
    questions = _questions_of(lesson)
    keys = keys_of(lesson.questions) if answers and lesson.questions is not None else {}
    parts = parts_of(page, exercises.keys())
    anchors = _anchors(parts, exercises.keys())
    for part in parts:
        if part in exercises:
            if support == "independent":
                cells.append(new_markdown_cell(folded_statement(exercises[part]), id=_id("statement", part, names)))
            cells.append(new_code_cell(_stub(exercises[part], support), id=_id("exercise", part, names)))
            if rubrics[lesson.name, part].by_hand:
                cells.append(new_markdown_cell(_answer(part), id=_id("answer", part, names)))
        elif (asked := MARK.fullmatch(part)) and asked[1] in questions:
            question = questions[asked[1]]
            text = markdown_of(question, rubrics[lesson.name, QUESTIONS])
            if question.name in keys:
                text += f"\n\n{folded_answer(question, keys[question.name])}"
            cells.append(new_markdown_cell(text, id=_id("question", question.name, names)))
            cells.append(new_code_cell(f"%answer {question.name} {BLANK}", id=_id("given", question.name, names)))
        elif part.strip():
            heading = part.strip().partition("\n")[0].partition("](")[0]
            text = _LINK_TO_STUB.sub(lambda link: f"](#{anchors.get(link[1], '')})", part.strip())
            cells.append(_with_pictures(new_markdown_cell(text, id=_id("text", heading, names)), lesson))
    cells += [
        new_markdown_cell(_ALL, id=_id("text", "how far you are", names)),
        new_code_cell("import grader\n\ngrader.check_all()", id=_id("all", "", names)),
        new_markdown_cell(_HAND_IN, id=_id("text", "hand in", names)),
        new_code_cell("grader.handin()", id=_id("handin", "", names)),
    ]
    notebook = new_notebook(cells=cells, metadata=_METADATA, nbformat_minor=5)
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def _with_pictures(cell: Any, lesson: Lesson) -> Any:
    """Return a cell of text that holds the pictures it shows: a notebook is moved alone."""
    attachments: dict[str, dict[str, str]] = {}

    def attach(found: re.Match[str]) -> str:
        path = lesson.folder / found[2]
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        with reading():
            attachments[path.name] = {kind: base64.b64encode(path.read_bytes()).decode()}
        return f"{found[1]}attachment:{path.name}{found[3]}"

    cell.source = _OWN_PICTURE.sub(attach, cell.source)
    if attachments:
        cell.attachments = attachments
    return cell


def build(lesson: Lesson, *, check: bool = False) -> State:
    """Write the lesson's page with its questions, and its notebook, if they are stale, or only tell what they are."""
    wanted = {path_of(lesson): built(lesson), lesson.folder / "README.md": filled_page(lesson)}
    with reading():
        known = {path: path.read_bytes() if path.is_file() else b"" for path in wanted}
    stale = {path: text for path, text in wanted.items() if known[path] != text.encode()}
    if not stale:
        return State.UP_TO_DATE
    if check:
        return State.STALE
    for path, text in stale.items():
        write_atomically(path, text)
    return State.BUILT


def _page_of(lesson: Lesson) -> str:
    page = lesson.folder / "README.md"
    if not page.is_file():
        raise UsageError(f"{page} is missing: write the lesson's page, from which its notebook is built.")
    return text_of(page)


def _questions_of(lesson: Lesson) -> dict[str, Question]:
    return {} if lesson.questions is None else {each.name: each for each in questions_of(lesson.questions)}


def parts_of(page: str, exercises: Iterable[str]) -> list[str]:
    """Return the pieces of a page, the names of exercises and the marks of questions, in the notebook's order."""
    found: list[str] = []
    for part in _parts(with_marks_alone(page), exercises):
        pieces = MARK.split(part)
        found.append(pieces[0])
        for name, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            found += [f"<!-- question {name} -->", piece]
    return found


def build_elsewhere(lesson: Lesson, support: Support, folder: Path) -> Path:
    """Write the lesson's notebook with that much support to `FOLDER/LESSON/lesson.ipynb`, and return that path."""
    text = built(lesson, support)
    path = folder / lesson.name / NAME
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text)
    return path


def with_requirement(notebook: bytes, requirement: str) -> bytes:
    """Return a lesson's notebook whose set-up cell has pip install a requirement."""
    empty, filled = (json.dumps(f"REQUIREMENT = {json.dumps(what)}")[1:-1] for what in ("", requirement))
    return notebook.replace(empty.encode(), filled.encode(), 1)


def _parts(page: str, names: Iterable[str]) -> Iterator[str]:
    """Yield pieces of the page and the names of exercises, in the notebook's order."""
    left = list(names)
    marked = _MARK.findall(page)
    for name in marked:
        if name not in left or marked.count(name) > 1:
            raise UsageError(f"The page marks the exercise `{name}`, which is not there, or twice: correct the mark.")
    for section in sections(page):
        if section.removeprefix("## ").partition("\n")[0].strip() == LIST_OF_EXERCISES:
            yield from _listed(section, left, marked)
            left = [name for name in left if name in marked]
            continue
        pieces = _MARK.split(section)
        for piece, name in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
            yield piece
            if name:
                yield name
                left.remove(name)
        linked = [name for name in left if name not in marked and f"({name}.py)" in section]
        for name in sorted(linked, key=lambda name: section.index(f"({name}.py)")):
            yield name
            left.remove(name)
    yield from left


def _anchors(parts: Iterable[str], exercises: Container[str]) -> dict[str, str]:
    """Return the anchor of the heading under which each exercise's cell stands, as Jupyter makes it."""
    anchors, heading = {}, ""
    for part in parts:
        if part in exercises:
            anchors[part] = heading
        elif found := _HEADING.match(part.strip()):
            heading = found[1].replace(" ", "-")
    return anchors


def _listed(section: str, left: Iterable[str], marked: Iterable[str]) -> Iterator[str]:
    """Yield the list of exercises item by item, each followed by its exercise; items of others are left out."""
    items: list[list[str]] = [[]]
    for line in section.split("\n"):
        if _ITEM.match(line) or (line and not line.startswith(" ") and _ITEM.match(items[-1][0] if items[-1] else "")):
            items.append([])
        items[-1].append(line)
    wanted = [name for name in left if name not in marked]
    if not wanted:
        items[0] = []
    for item in items:
        text = "\n".join(item)
        name = next((name for name in wanted if f"({name}.py)" in text), None) if _ITEM.match(text) else None
        if name or not _ITEM.match(text):
            yield _ITEM.sub("", text, count=1) if name else text
        if name:
            yield name
            wanted.remove(name)
    yield from wanted


def _stub(exercise: Exercise, support: Support | None) -> str:
    """Return the stub as a cell: without its title, which the text says."""
    source = text_of(exercise.stub) if support is None else stub_text(exercise, support)
    body = parse(source).body
    lines = source.split("\n")
    match body:
        case [ast.Expr(ast.Constant(str()), end_lineno=int(last)), *_]:
            lines = lines[last:]
    return f"%%exercise {exercise.name}\n" + "\n".join(lines).strip()


def _answer(exercise: str) -> str:
    """Return the cell that a student's answer in text goes into, under a heading that names the exercise."""
    return f"### Your answer: {exercise}\n\n{PLACEHOLDER}"


def _id(kind: str, text: str, taken: set[str]) -> str:
    """Return an id that stays the same while the cell's heading does."""
    words = "-".join([kind, *re.findall(r"[a-z0-9_]+", text.lower())])[: _LONGEST_ID - 4]
    candidates = (words if number == 1 else f"{words}-{number}" for number in range(1, 1000))
    chosen = next(name for name in candidates if name not in taken)
    taken.add(chosen)
    return chosen
