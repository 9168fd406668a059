"""Converts an assignment: reads it, makes an exercise of every function that can be one, and says what was left."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from grader.atomic import write_atomically
from grader.authoring.converting import nbgrader, otter
from grader.authoring.converting.cells import read_cells, title_of
from grader.authoring.converting.checks import called, checks_of, draws_numbers
from grader.authoring.converting.functions import exercise_name, written
from grader.authoring.converting.model import Left, Unconvertible, points_text
from grader.authoring.converting.names import Names, free_names, statements
from grader.authoring.converting.writing import Made, Weighed, files_of
from grader.authoring.new import blanks
from grader.errors import UsageError
from grader.faults import reading, writing

if TYPE_CHECKING:
    from pathlib import Path

    from grader.authoring.converting.model import Answer, Assignment, Test
    from grader.authoring.converting.names import Binding
    from grader.authoring.new import Place

Origin = Literal["nbgrader", "otter"]
ORIGINS: tuple[Origin, ...] = get_args(Origin)
_READERS = {"nbgrader": nbgrader.read, "otter": otter.read}


class Converted(NamedTuple):
    """What was made: the exercises, what their author must still write, and what of which cell was left."""

    exercises: tuple[str, ...]
    blanks: tuple[Place, ...]
    left: tuple[Left, ...]


def convert(path: Path, folder: Path, origin: Origin) -> Converted:
    """Write a course of an instructor's notebook into a new folder. Nothing of the notebook is run.

    Raises:
        UsageError: it cannot be read, nothing of it can be converted, or the folder is there already.
    """
    with reading(folder):
        if folder.exists() or folder.is_symlink():
            raise UsageError(f"{folder} exists already: name a new folder.")
    cells = read_cells(path)
    assignment = _READERS[origin](cells)
    exercises, left = _exercises(assignment)
    if not exercises:
        first = f" Cell {left[0].cell}: {left[0].reason}" if left else ""
        raise UsageError(f"Nothing in {path} can be converted: no tests call a function of an answer alone.{first}")
    title = title_of(cells, path.stem)
    texts = files_of(title, _lesson(path.stem), exercises)
    for place, text in texts.items():
        with writing(folder / place):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / place, text)
    return Converted(
        tuple(made.written.name for made in exercises),
        tuple(place for path in texts for place in blanks(folder / path)),
        tuple(sorted(left)),
    )


def instructions(folder: Path, converted: Converted) -> str:
    """Return what the author must do: write what is missing, look at what was left, then verify it."""
    count = len(converted.exercises)
    lines = [f"{folder} has {count} exercise{'' if count == 1 else 's'}: {', '.join(converted.exercises)}."]
    if converted.left:
        lines += ["Not converted:", *(f"cell {left.cell}: {left.reason}" for left in converted.left)]
    lines += ["Fill in:", *(f"{place.path}:{place.line}: {place.text}" for place in converted.blanks)]
    lines += [
        "reference/LESSON/NAME/wrong/: three or more known mistakes of each exercise, a file each",
        "reference/LESSON/NAME/accepted/: two or more right solutions in another style",
        f"Then, in {folder}: grade verify --fast",
    ]
    return "\n".join(lines)


def _lesson(stem: str) -> str:
    """Return the name of the lesson that a notebook becomes."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return name if re.match(r"[a-z]", name) else f"lesson_{name}".strip("_")


def _exercises(assignment: Assignment) -> tuple[list[Made], list[Left]]:
    names = Names(assignment)
    left = [*assignment.left, *_not_python(assignment)]
    functions = names.answers()
    tests = _tests_by_function(assignment, functions, names, left)
    made = []
    taken: dict[str, str] = {}
    for answer in assignment.answers:
        mine = {name: found[-1] for name, found in functions.items() if found[-1].cell == answer.cell}
        for name, binding in mine.items():
            try:
                if len(functions[name]) > 1:
                    raise Unconvertible(f"`{name}` is defined in several answers: keep one.")
                if name not in tests:
                    continue  # a helper of the others, or nothing that is tested
                if (other := taken.setdefault(exercise_name(name), name)) != name:
                    raise Unconvertible(f"`{name}` and `{other}` would be one exercise: rename one.")
                made.append(_made(answer, binding, tests[name], names, left))
            except Unconvertible as error:
                left.append(Left(answer.cell, str(error)))
        if not mine.keys() & tests.keys() and not any(found.cell == answer.cell for found in left):
            left.append(Left(answer.cell, _without_tests(mine)))
    return made, left


def _made(answer: Answer, binding: Binding, tests: list[Test], names: Names, left: list[Left]) -> Made:
    """Return the exercise of a function; tests that cannot be converted are added to `left`."""
    exercise = written(answer, binding, names)
    weighed = []
    for test in tests:
        try:
            checks = checks_of(test, exercise.function, draws_numbers(binding.node), names)
            weighed.append(Weighed(tuple(checks), test.points))
        except Unconvertible as error:
            left.append(Left(test.cell, f"{error} ({points_text(test.points)})"))
    if not any(check.visibility == "public" for test in weighed for check in test.checks):
        raise Unconvertible(
            f"students see no test of `{exercise.function}` that can be converted: an exercise needs one."
        )
    left += [Left(answer.cell, sentence) for sentence in exercise.lost]
    return Made(exercise, tuple(weighed))


def _tests_by_function(
    assignment: Assignment, functions: dict[str, list[Binding]], names: Names, left: list[Left]
) -> dict[str, list[Test]]:
    """Return the tests of each function; those of none or of several are added to `left`."""
    found: dict[str, list[Test]] = {}
    for test in assignment.tests:
        try:
            tested = sorted(called(test, functions))
            if len(tested) > 1:
                raise Unconvertible(f"the test calls several answers ({', '.join(tested)}): write a test of each.")
            if not tested:
                raise Unconvertible(_of_no_function(test, names))
            found.setdefault(tested[0], []).append(test)
        except Unconvertible as error:
            left.append(Left(test.cell, f"{error} ({points_text(test.points)})"))
    return found


def _of_no_function(test: Test, names: Names) -> str:
    """Return why a test of no function is left: mostly, it reads a variable."""
    text, nodes = statements(test.text)
    for name in sorted(free_names(text, nodes)):
        binding = names[name]
        if binding is None or binding.kind == "import":
            continue
        if binding.kind in ("variable", "constant"):
            return (
                f"the test reads a variable `{name}` that cell {binding.cell} leaves behind; write a function that "
                "returns it."
            )
        if binding.kind == "class":
            return f"the test reads the class `{name}` of cell {binding.cell}; only functions are converted."
    return "the test calls no function of an answer."


def _not_python(assignment: Assignment) -> list[Left]:
    """Return the cells of code that cannot be parsed, those of tests apart: these say so themselves."""
    found = []
    for cell in (*assignment.given, *assignment.answers):
        try:
            statements(cell.text)
        except Unconvertible as error:
            found.append(Left(cell.cell, str(error)))
    return found


def _without_tests(functions: dict[str, Binding]) -> str:
    if not functions:
        return "the answer defines no function; write one that returns what the cell computes."
    return f"no test calls {' or '.join(f'`{name}`' for name in functions)}."
