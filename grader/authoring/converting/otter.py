"""Takes an assignment for otter-grader apart: the notebook that `otter assign` reads."""

from __future__ import annotations

import ast
import re
import textwrap
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import yaml

from grader.authoring.converting.model import Answer, Assignment, Code, Left, Test
from grader.authoring.converting.nbgrader import by_hand
from grader.course.syntax import parse
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.authoring.converting.cells import Cell

_MARK = re.compile(r"#\s*(BEGIN|END) (QUESTION|SOLUTION|TESTS|PROMPT)\s*$")
_REGION = re.compile(r"^(?P<indent>\s*)#\s*(?P<what>BEGIN|END) SOLUTION(?P<silent> NO PROMPT)?\s*$")
_LINE = re.compile(r"^(?P<code>.*?)\s*#\s*SOLUTION(?P<silent> NO PROMPT)?\s*$")
_PROMPT = re.compile(
    r"^[ \t]*(?P<quotes>\"{3}|'{3})\s*#\s*BEGIN PROMPT\n.*?^[ \t]*(?P=quotes)\s*;?\s*#\s*END PROMPT[^\n]*\n?",
    re.DOTALL | re.MULTILINE,
)
_FENCED = re.compile(r"\A\s*```otter\n(?P<text>.*?)^```\s*\Z", re.DOTALL | re.MULTILINE)
_SEED = re.compile(r"#\s*SEED\s*$")
_IGNORED = re.compile(
    r"^[ \t]*#\s*BEGIN IGNORE\s*\n.*?^[ \t]*#\s*END IGNORE[^\n]*\n?|^[^\n]*#\s*IGNORE[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_CONFIG = re.compile(r'\A\s*"""\s*#\s*BEGIN TEST CONFIG\n(?P<text>.*?)"""\s*#\s*END TEST CONFIG[^\n]*\n?', re.DOTALL)
_HIDDEN = re.compile(r"\A\s*#+\s*HIDDEN\s*(?:\n|\Z)")
_ASSIGNED = re.compile(r"^(\s*(?:[\w.\[\], ]+=(?!=)|return\b)\s*)")


@dataclass
class _Question:
    cell: int
    settings: dict[str, Any]
    above: list[str] = field(default_factory=list)
    tests: list[tuple[Test, float | None]] = field(default_factory=list)

    @property
    def points(self) -> float | None:
        """What all of it is worth, None if it does not say."""
        given = self.settings.get("points")
        if isinstance(given, dict):
            each = given.get("each", 1)
            given = each * len(self.tests) if isinstance(each, int | float) else None
        return _number(given)

    def weighed(self) -> list[Test]:
        """Return the tests with their points: what has none of its own shares what is left of the question's."""
        own = [points for _, points in self.tests]
        listed = self.settings.get("points")
        if isinstance(listed, list):  # one for each test
            own = [_number(each) if points is None else points for each, points in zip_longest(listed, own)][: len(own)]
        said = [points for points in own if points is not None]
        total = self.points if self.points is not None else (sum(said) or 1.0)
        others = len(own) - len(said)
        share = max(total - sum(said), 0.0) / others if others else 0.0
        return [
            Test(test.cell, test.text, test.visible, share if points is None else points, test.shown)
            for (test, _), points in zip(self.tests, own, strict=True)
        ]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def read(cells: Iterable[Cell]) -> Assignment:
    """Return what the cells are; raise `UsageError` if no question begins, or if one does not end."""
    reader = _Reader()
    for each in cells:
        fenced = _FENCED.match(each.text) if each.kind == "markdown" else None
        cell = each._replace(kind="raw", text=fenced["text"]) if fenced else each
        mark = _MARK.match(cell.text.lstrip().partition("\n")[0]) if cell.kind == "raw" else None
        if mark:
            reader.pass_mark(cell, mark)
        else:
            reader.take(cell)
    return reader.assignment()


class _Reader:
    """Goes through the cells from the top, and knows which question and which section of it a cell is in."""

    def __init__(self) -> None:
        self._question: _Question | None = None
        self._section = ""
        self._begun = 0
        self._known = False
        self._answers: list[Answer] = []
        self._tests: list[Test] = []
        self._given: list[Code] = []
        self._left: list[Left] = []

    def pass_mark(self, cell: Cell, mark: re.Match[str]) -> None:
        """Begin or end a question or a section."""
        begins, what = mark[1] == "BEGIN", mark[2]
        inside = self._question is not None
        fits = (not self._section and begins is not inside) if what == "QUESTION" else (
            inside and self._section == ("" if begins else what)
        )  # fmt: skip
        if not fits:
            raise _unpaired(cell.number, mark[0])
        if what != "QUESTION":
            self._section, self._begun = (what if begins else ""), cell.number
        elif self._question is None:
            settings = _settings(cell.number, cell.text.lstrip().partition("\n")[2])
            self._question, self._known = _Question(cell.number, settings), True
        else:
            self._tests += self._question.weighed()
            if self._question.settings.get("all_or_nothing") is True and len(self._question.tests) > 1:
                sentence = (
                    "the question gives all points or none: put its checks into one criterion, all of them hidden."
                )
                self._left.append(Left(self._question.cell, sentence))
            self._question = None

    def take(self, cell: Cell) -> None:
        """Take a cell that is not a mark for what it is where it stands."""
        question = self._question
        if question is not None and self._section == "SOLUTION":
            if cell.kind != "code" or question.settings.get("manual") is True:
                self._left.append(Left(cell.number, by_hand(question.points or 1.0)))
            else:
                self._answers.append(_answer(cell, question.above))
        elif question is not None and self._section == "TESTS":
            if cell.kind == "code":
                question.tests.append(_test(cell))
        elif cell.kind == "code":
            self._given.append(Code(cell.number, cell.text))
        elif cell.kind == "markdown" and question is not None and not self._section:
            question.above.append(cell.text)

    def assignment(self) -> Assignment:
        """Return what was found."""
        if self._section:
            raise _unpaired(self._begun, f"# BEGIN {self._section}")
        if self._question is not None:
            raise _unpaired(self._question.cell, "# BEGIN QUESTION")
        if not self._known:
            raise UsageError(
                "No raw cell begins with `# BEGIN QUESTION`: give the notebook that `otter assign` reads, in "
                "the format of its version 1 or later, or `--from nbgrader`."
            )
        return Assignment(tuple(self._answers), tuple(self._tests), tuple(self._given), tuple(self._left))


def _unpaired(cell: int, mark: str) -> UsageError:
    return UsageError(
        f"Cell {cell}: `{mark.strip()}` has no partner, so `otter assign` would refuse it, too. Correct it."
    )


def _settings(cell: int, text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"Cell {cell}: its settings are not YAML. Correct them.") from error
    return found if isinstance(found, dict) else {}


def _answer(cell: Cell, above: list[str]) -> Answer:
    solution, released = [], []
    inside = False
    for line in _IGNORED.sub("", _PROMPT.sub("", cell.text)).split("\n"):
        if region := _REGION.match(line):
            inside = region["what"] == "BEGIN"
            if inside:
                released.append(f"{region['indent']}raise NotImplementedError")
        elif inside:
            solution.append(line)
        elif marked := _LINE.match(line):
            solution.append(marked["code"])
            indent = marked["code"][: len(marked["code"]) - len(marked["code"].lstrip())]
            start = _ASSIGNED.match(marked["code"])
            released.append(f"{start[1]}..." if start else f"{indent}...")
        else:
            solution.append(line)
            released += [] if _SEED.search(line) else [line]
    return Answer(cell.number, "\n".join(solution), "\n".join(released), "\n\n".join(above))


def _test(cell: Cell) -> tuple[Test, float | None]:
    """Return a test, and the points of its own if it has any."""
    settings: dict[str, Any] = {}
    text = cell.text
    if found := _CONFIG.match(text):
        settings, text = _settings(cell.number, found["text"]), text[found.end() :]
    if _HIDDEN.match(text):
        settings, text = {"hidden": True} | settings, _HIDDEN.sub("", text, count=1)
    text, decorated = _unwrapped(text)
    settings |= decorated
    visible = "" if settings.get("hidden") is True else text
    test = Test(cell.number, text, visible, 0.0, cell.shown)
    return test, _number(settings.get("points"))


def _unwrapped(text: str) -> tuple[str, dict[str, Any]]:
    """Return the body of a test that is a function of what it looks up by name, and what its decorator says.

    The cell may also call the function.
    """
    try:
        body = parse(text).body
    except (SyntaxError, ValueError):
        return text, {}
    functions = [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    names = {node.name for node in functions}
    others = [node for node in body if isinstance(node, ast.Expr | ast.Assert) and not _is_call_of(node, names)]
    if len(functions) != 1 or others:
        return text, {}
    (function,) = functions
    settings = {
        keyword.arg: keyword.value.value
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
        if keyword.arg and isinstance(keyword.value, ast.Constant)
    }
    lines = text.split("\n")
    first = function.body[0].lineno - 1
    if first < function.lineno:  # all of it stands on one line
        return text, {}
    return textwrap.dedent("\n".join(lines[first : function.end_lineno])), settings


def _is_call_of(node: ast.stmt, names: set[str]) -> bool:
    match node:
        case ast.Expr(ast.Call(ast.Name(name))):
            return name in names
    return False
