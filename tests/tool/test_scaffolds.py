"""Stubs of every level of support are made of one solution with marks; wrong marks are refused with their line."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from grader.authoring.scaffolding.given_away import given_away
from grader.authoring.scaffolding.solution_marks import read_marks
from grader.authoring.scaffolding.stub_texts import faults, filled_in, marks_of, stub_text
from grader.authoring.scaffolding.trivial_fills import all_filled, one_filled, solved
from grader.course.blanks import blanks_in
from grader.course.finding import find_course
from grader.course.syntax import is_unwritten_text, parse
from grader.errors import UsageError
from helpers.course_factory import make_course
from helpers.notebooks import notebook

if TYPE_CHECKING:
    from grader.course.model import Exercise

pytestmark = pytest.mark.light

STUB = '''"""Doubling."""

from typing import Any


def double(number: int, scale: Any = 2) -> int:
    """Return twice `number`.

    What you get: number and scale.
    """
    raise NotImplementedError


def halve(number: int) -> float:
    """Return half of `number`."""
    raise NotImplementedError
'''
SOLUTION = '''"""The solution."""

import math

FACTOR = 1


@math.once
def double(number, scale=2):
    """Compute it."""
    # step: Begin with nothing.
    result = 0
    for _ in range(2):
        # step: Add the number.
        # blank: result += FACTOR * ____
        result += FACTOR * (number + result * 0)
    # a comment
    # blank: return _kept(____, number=____)
    return _kept(
        result - 0,
        number=number + 0,
    )


def halve(number):
    """Compute it."""
    # step: Divide, if that is possible.
    # blank: if ____:
    if number is not None:
        return number / 2
    # blank: ____
    print(number + 1)


def _kept(result, number):
    """Return it."""
    # blank: return ____[number]
    return {number: result}[number]
'''
GUIDED = '''"""Doubling."""

import math
from typing import Any

FACTOR = 1


@math.once
def double(number: int, scale: Any = 2) -> int:
    """Return twice `number`.

    What you get: number and scale.

    Fill in the 3 blanks, written as ____.
    """
    # Begin with nothing.
    result = 0
    for _ in range(2):
        # Add the number.
        result += FACTOR * ____
    # a comment
    return _kept(____, number=____)


def halve(number: int) -> float:
    """Return half of `number`.

    Fill in the 2 blanks, written as ____.
    """
    # Divide, if that is possible.
    if ____:
        return number / 2
    ____


def _kept(result, number):
    """Return it."""
    return ____[number]
'''
SUPPORTED = STUB.replace(
    "    raise NotImplementedError\n\n\ndef",
    "    # 1. Begin with nothing.\n    #     2. Add the number.\n    raise NotImplementedError\n\n\ndef",
).replace('`."""\n    raise', '`."""\n    # 1. Divide, if that is possible.\n    raise')
INDEPENDENT = STUB.replace(
    "    What you get: number and scale.",
    "    The whole statement, with shapes, limits and examples, is on the lesson's page.",
)


def course_with(folder: Path, solution: str = SOLUTION, stub: str = STUB, **others: str) -> Exercise:
    changes = {"exercises/numbers/double.py": stub, "reference/numbers/double/solution.py": solution, **others}
    return find_course(make_course(folder / "course", changes=changes)).exercises[0]


def body(source: str) -> str:
    """Return a module's statements without docstrings, imports, annotations."""
    tree = parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
        if isinstance(node, ast.FunctionDef):
            node.returns, node.args = None, ast.arguments([], [], None, [], [], None, [])
    return "\n".join(ast.unparse(node) for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom))


@pytest.mark.parametrize(
    ("support", "text"), [("guided", GUIDED), ("supported", SUPPORTED), ("independent", INDEPENDENT)]
)
def test_a_solution_with_marks_makes_every_stub(tmp_path: Path, support: str, text: str) -> None:
    assert stub_text(course_with(tmp_path), support) == text  # type: ignore[arg-type]
    assert is_unwritten_text(text.encode())


def test_the_solutions_own_text_in_the_blanks_is_the_solution(tmp_path: Path) -> None:
    assert body(solved(course_with(tmp_path))) == body(SOLUTION)


def test_blanks_are_filled_in_from_the_first_to_the_last() -> None:
    text = "def f(x):\n    y = ____ + ____\n    ____\n    return {____: 1}\n"
    fillings = [ast.Name(name) for name in "abcd"]
    assert filled_in(text, fillings) == "def f(x):\n    y = a + b\n    c\n    return {d: 1}"
    assert blanks_in(ast.parse(text)) == (2, 2, 3, 4)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("# step: Begin", "# Step Begin"), "line 11: `# Step Begin with nothing.` is not a mark."),
        (("    result = 0", "    result = 0  # blank: result = ____"), "line 12: a mark stands on a line of its own."),
        (("# blank: if ____:", "# blank: while ____:"), "`while ____:` is not the statement below it"),
        (("# blank: if ____:", "# blank: if ____"), "`if ____` is not the header of a block."),
        (("# blank: ____\n", "# blank: return\n"), "`return` has no ____ in it."),
        (("# blank: ____\n", "# blank: return (____\n"), "`return (____` is not a statement."),
        (("FACTOR * ____", "____ * FACTOR"), "`FACTOR` stands for `number + result * 0`"),
        (("_kept(____, number=____)", "_kept(____)"), "has another number of parts"),
        (("    return {number: result}[number]\n", ""), "no statement follows it"),
        (("    # step: Divide, if that is possible.\n", ""), "solution.py says no steps of `halve`"),
        (("    # blank: if ____:\n", ""), ""),
        (("def double(number, scale=2)", "def double(n, scale=2)"), "the parameters of `double` are not called as in the stub"),
        (("def halve", "halve = double\ndef _halve"), "solution.py has no `halve` with a docstring"),
        (("_kept", "kept"), "helper `kept` would be one more function to write: call it `_kept`."),
        (("# blank: return ____[number]", "# blank: return {____: result}[____]"), "nothing but what anybody would try"),
    ],
)  # fmt: skip
def test_wrong_marks_are_refused_with_a_remedy(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    exercise = course_with(tmp_path, SOLUTION.replace(*change))
    found = list(faults(exercise, marks_of(exercise)))
    if not said:
        assert found == []
        return
    assert [said in fault for fault in found] == [True], found
    with pytest.raises(UsageError, match=r"^numbers/double cannot be released as guided: "):
        stub_text(exercise, "guided")


def test_without_marks_there_is_no_scaffold_and_no_steps(tmp_path: Path) -> None:
    exercise = find_course(make_course(tmp_path)).exercises[0]
    for support in ("guided", "supported"):
        with pytest.raises(UsageError, match=r"solution\.py says no steps of `double`"):
            stub_text(exercise, support)  # type: ignore[arg-type]
    assert stub_text(exercise, "independent") == exercise.stub.read_text()  # one sentence is all that it says


def test_marks_of_headers_over_several_lines_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "solution.py"
    path.write_text("# blank: with ____ as f, b as g:\nwith a(\n    {1: 2}[1:2],\n) as f, b as g:\n    pass\n")
    marks = read_marks(path)
    assert (marks.faults, [(blank.first, blank.last) for blank in marks.blanks]) == ((), [(2, 4)])


# --- what is filled in without understanding ---


def test_every_blank_is_filled_with_the_same_thing_in_turn(tmp_path: Path) -> None:
    fills = {fill.how: fill.text for fill in all_filled(course_with(tmp_path))}
    assert list(fills) == [f"{how} in every blank" for how in ("None", "0", "...", "argument 1", "argument 2")]
    text = fills["argument 2 in every blank"]
    assert "result += FACTOR * scale" in text
    assert "_kept(scale, number=scale)" in text
    assert "if number:" in text  # of one argument, it is the first again


def test_one_statement_at_a_time_is_filled_and_the_others_are_right(tmp_path: Path) -> None:
    fills = {fill.how: fill.text for fill in one_filled(course_with(tmp_path))}
    assert len(fills) == 5 * 4
    text = fills["None in `return _kept(____, number=____)`"]
    assert body(text) == body(SOLUTION).replace("result - 0, number=number + 0", "None, number=None")


def test_an_empty_tensor_is_tried_where_the_scaffold_has_tensors(tmp_path: Path) -> None:
    exercise = course_with(tmp_path, SOLUTION.replace("import math", "import math\n\nimport torch"))
    assert "`torch.empty(0)` in every blank" in [fill.how for fill in all_filled(exercise)]


# --- what stands elsewhere ---


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("exercises/numbers/README.md", "Add `number + result*0`.", True),
        ("exercises/numbers/README.md", "Add number to result.", False),
        ("exercises/numbers/checks/test_double.py", "expected = (\n    number\n    + result * 0\n)", True),
        ("exercises/numbers/hints.toml", 'double = ["number + result * 0"]', True),
        ("exercises/numbers/lesson.ipynb", notebook("x = number + result * 0"), True),
        ("exercises/numbers/lesson.ipynb", notebook(f"%%exercise double\n{GUIDED}"), False),
        ("exercises/words/other.py", "def other():\n    return 1 + (number + result * 0)", True),
        ("exercises/words/other.py", 'def other():\n    """It is number + result * 0."""\n', False),
        ("mistakes/numbers/double.json", "number + result * 0", False),
        ("exercises/numbers/pictures/two.png", "number + result * 0", False),
    ],
)
def test_what_a_blank_stands_for_is_found_elsewhere(tmp_path: Path, path: str, text: str, found: bool) -> None:
    exercise = course_with(tmp_path)
    away = given_away([exercise], {"exercises/numbers/double.py": GUIDED.encode(), path: text.encode()})
    assert [(each.path, each.text) for each in away] == [(path, "number + result * 0")] * found


def test_what_the_statement_says_is_not_secret(tmp_path: Path) -> None:
    exercise = course_with(tmp_path, stub=STUB.replace("What you get:", "It is number + result * 0. You get:"))
    files = {"exercises/numbers/README.md": b"number + result * 0"}
    assert given_away([exercise], files) == []
