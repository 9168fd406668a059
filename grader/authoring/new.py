"""Writes the files of a new exercise, with a blank wherever its author has to write something."""

from __future__ import annotations

import ast
import keyword
import math
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import jinja2

from grader.atomic import write_atomically
from grader.course.syntax import parse
from grader.errors import UsageError
from grader.faults import reading, text_of, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.model import Course

BLANK = "BLANK"
POINTS = 10
NAME = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = {"all", "checks", "questions", "submission"}
_DRAWS = {"int": "st.integers()", "float": "st.floats(0.0, 1.0)", "bool": "st.booleans()", "str": "st.text()"}
_IMPORTS = {  # what a signature's names most likely mean, in the order of an import block
    "Any": "from typing import Any\n",
    "np": "import numpy as np",
    "npt": "import numpy.typing as npt",
    "torch": "import torch",
    "Image": "from PIL import Image",
}
_TEMPLATES = Path(__file__).parent / "templates"


class Signature(NamedTuple):
    """The function that students write, as texts: its name, its parameters, the type of each, and of its result."""

    name: str
    parameters: str
    arguments: dict[str, str]
    returns: str


class Place(NamedTuple):
    """A line with a blank."""

    path: Path
    line: int
    text: str


def read_signature(text: str, name: str) -> Signature:
    """Read `(x: torch.Tensor, t: int) -> torch.Tensor`, with or without `def NAME` before it.

    Raises:
        UsageError: it is not such a signature, or a parameter or the result has no type.
    """
    example = f"`def {name}(x: torch.Tensor) -> torch.Tensor`"
    source = text.strip().removesuffix(":")
    source = source if source.startswith("def ") else f"def {name}{source}"
    try:
        (node,) = parse(f"{source}: ...").body
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"`{text}` is not a signature: write it as in {example}.") from error
    if not isinstance(node, ast.FunctionDef) or node.name != name:
        raise UsageError(f"`{text}` is not the signature of `{name}`: write it as in {example}.")
    given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    if not given or node.returns is None or any(argument.annotation is None for argument in given):
        raise UsageError(f"`{text}` lacks a parameter or a type: write it as in {example}.")
    arguments = {argument.arg: ast.unparse(argument.annotation) for argument in given if argument.annotation}
    return Signature(name, ast.unparse(node.args), arguments, ast.unparse(node.returns))


def refuse_if_taken(course: Course, exercise: str) -> None:
    """Raise `UsageError` if `LESSON/NAME` is not a valid name, or if a file of it is there already."""
    lesson, _, name = exercise.partition("/")
    if not (NAME.fullmatch(lesson) and NAME.fullmatch(name)):
        raise UsageError(
            f"`{exercise}` is not a valid name: write LESSON/NAME in lower-case letters, digits and underscores."
        )
    for part in (lesson, name):
        if keyword.iskeyword(part) or part in _TAKEN:
            raise UsageError(f"`{part}` means something else in a course or in Python: choose another name.")
    for place in _files(lesson, Signature(name, "", {}, "None")):
        if (course.root / place).exists():
            raise UsageError(f"{place} exists already: choose another name, or remove the exercise first.")


def new_exercise(course: Course, exercise: str, signature: str) -> list[Place]:
    """Write all files of `LESSON/NAME` and return the blanks in them.

    Raises:
        UsageError: the name is not valid or is taken, the signature cannot be read, or the lesson's rubric is not TOML.
    """
    refuse_if_taken(course, exercise)
    lesson, _, name = exercise.partition("/")
    wanted = read_signature(signature, name)
    rubric = course.root / "rubrics" / f"{lesson}.toml"
    files = _files(lesson, wanted)
    texts = {course.root / place: text for place, text in files.items()}
    texts[rubric] = _rubric(rubric, lesson, wanted)
    page = course.root / "exercises" / lesson / "README.md"
    if not page.exists():
        texts[page] = f"# {_title(lesson)}\n\nBLANK: what is built here, and the one idea.\n\n## Exercises\n"
    for path, text in texts.items():
        with writing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    return [place for path in texts for place in blanks(path)]


def instructions(course: Course, exercise: str, places: Iterable[Place]) -> str:
    """Return what the author of a new exercise has to do: fill in every blank, then verify it."""
    lines = [f"{place.path.relative_to(course.root)}:{place.line}: {place.text}" for place in places]
    return "\n".join(["Fill in:", *lines, f"Then: grade verify {exercise.partition('/')[2]}"])


def blanks(path: Path) -> list[Place]:
    """Return the lines of a file that are still to be filled in."""
    with reading(path):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [Place(path, number, line.strip()) for number, line in enumerate(lines, 1) if BLANK in line]


def _files(lesson: str, signature: Signature) -> dict[str, str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    values = {
        **signature._asdict(),
        "imports": _imports(signature),
        "tensors": "Tensor" in signature.returns,
        "blanks": ", ".join("..." for _ in signature.arguments),
        "draws": ", ".join(f"{argument}={_DRAWS.get(kind, '...')}" for argument, kind in signature.arguments.items()),
    }
    answers = f"reference/{lesson}/{signature.name}"
    places = {
        f"exercises/{lesson}/{signature.name}.py": "stub.py",
        f"exercises/{lesson}/checks/test_{signature.name}.py": "public.py",
        f"{answers}/solution.py": "solution.py",
        f"{answers}/test_hidden.py": "hidden.py",
        f"{answers}/wrong/first_mistake.py": "wrong.py",
        f"{answers}/accepted/another_style.py": "accepted.py",
    }
    return {path: environment.get_template(f"{kind}.jinja").render(values) for path, kind in places.items()}


def _imports(signature: Signature) -> str:
    """Return the lines that import what a signature names, as far as these names are common."""
    tree = parse(f"def {signature.name}({signature.parameters}) -> {signature.returns}: ...")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return "\n".join(line for name, line in _IMPORTS.items() if name in names).strip()


def _rubric(path: Path, lesson: str, signature: Signature) -> str:
    """Return the lesson's rubric with the new exercise in it."""
    text = (_TEMPLATES / "rubric.toml.jinja").read_text(encoding="utf-8")
    entry: str = jinja2.Template(text, keep_trailing_newline=True).render(name=signature.name)
    if not path.exists():
        return f'schema = "grader.rubric/1"\ntitle = "{_title(lesson)}"\npoints = {POINTS}\n{entry}'
    known = text_of(path)
    try:
        before = tomllib.loads(known)["points"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise UsageError(f"{path} is not a rubric ({error}): fix it first.") from error
    total = before + POINTS
    shown = f"{total:g}" if isinstance(total, float) and not math.isinf(total) else str(total)
    return re.sub(r"^points\s*=.*$", f"points = {shown}", known, count=1, flags=re.MULTILINE).rstrip() + "\n" + entry


def _title(lesson: str) -> str:
    return lesson.replace("_", " ").capitalize()
