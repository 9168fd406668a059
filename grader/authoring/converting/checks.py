"""Makes checks of cells of tests: assertions on calls of one function become assertions on the submission's."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.authoring.converting.functions import exercise_name
from grader.authoring.converting.model import Unconvertible
from grader.authoring.converting.names import Needed, free_names, refuse_imports, statements
from grader.authoring.new import BLANK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from grader.authoring.converting.model import Test
    from grader.authoring.converting.names import Names
    from grader.results import Visibility

_INDENT = "    "
_LONGEST = 100  # characters of code that a sentence quotes
_RAISES = frozenset("raises assert_raises assertRaises assertRaisesRegex assertWarns".split())
_PRINTED = frozenset("redirect_stdout StringIO capsys capture_output".split())
_SAYING = frozenset(("print", "display"))  # they return nothing, so a cell that ends with one has no value


@dataclass(frozen=True)
class Check:
    """A check: its name, who sees it, its text, what stands above it in its file, and its title."""

    name: str
    visibility: Visibility
    text: str
    needed: Needed
    title: str


def called(test: Test, functions: Collection[str]) -> set[str]:
    """Return which of some functions a test names."""
    _, nodes = statements(test.text)
    return {each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name)} & set(functions)


def checks_of(test: Test, function: str, draws: bool, names: Names) -> list[Check]:
    """Return the checks that a test of one function becomes: of what students see, and of all of it if that is more.

    `draws` says whether the function draws random numbers. Raises `Unconvertible` if a check would mean something else.
    """
    name = f"test_{exercise_name(function)}_cell_{test.cell}"
    whole = _check(test, test.text, function, draws, names, f"{name}_hidden", "hidden")
    if test.visible.strip() == test.text.strip():
        return [_check(test, test.text, function, draws, names, name, "public")]
    try:
        seen = _check(test, test.visible, function, draws, names, name, "public")
    except Unconvertible:  # nothing is asserted where students see it
        return [whole]
    return [seen, whole]


def _check(test: Test, text: str, function: str, draws: bool, names: Names, name: str, visibility: Visibility) -> Check:
    text, nodes = statements(text)
    said = _said(test.visible)
    if nodes and _docstring(nodes[0]):
        nodes = nodes[1:]
    shown = test.shown if text.strip() == test.text.strip() else None
    _refuse(nodes, function, draws, shown)
    needed = names.needed(free_names(text, nodes) - {function}, "the test", but=[function])
    for node in nodes:
        refuse_imports(node, "the test")
    editing = _Editing(text, function, visibility, test.cell)
    for node in nodes:
        editing.visit(node)
    if shown is not None and nodes and isinstance(nodes[-1], ast.Expr):
        editing.expect(nodes[-1], shown)
    if not editing.asserts:
        raise Unconvertible("it asserts nothing.")
    body = editing.result(nodes[0].lineno)
    title = said or f"The tests of cell {test.cell} hold."
    blank = "" if said else f"{_INDENT}# {BLANK}: say the property in the docstring, as a student reads it.\n"
    lines = "\n".join(f"{_INDENT}{line}".rstrip() for line in body.split("\n"))
    docstring = title.replace("\\", "\\\\").replace('"', "'")
    return Check(
        name, visibility, f'def {name}(submission):\n{_INDENT}"""{docstring}"""\n{blank}{lines}\n', needed, title
    )


def _docstring(node: ast.stmt) -> str:
    match node:
        case ast.Expr(ast.Constant(str() as text)):
            return " ".join(text.split())
    return ""


def _said(visible: str) -> str:
    """Return what a text or a comment at the top of a test says that students see."""
    _, nodes = statements(visible)
    found = re.match(r"\s*#+[ \t]*([A-Za-z].*)", visible)
    return next((text for node in nodes[:1] if (text := _docstring(node))), found[1].strip() if found else "")


def _refuse(nodes: Sequence[ast.stmt], function: str, draws: bool, shown: str | None) -> None:
    """Raise `Unconvertible` for what a check cannot mean, or would mean in another way."""
    parts = [each for node in nodes for each in ast.walk(node)]
    _refuse_what_is_looked_at(parts, function, draws)
    result = nodes[-1] if nodes and shown is not None else None  # what is compared with what was shown
    _refuse_uses(parts, function, result)
    if nodes and isinstance(nodes[-1], ast.Expr) and shown is None and not _is_saying(nodes[-1]):
        raise Unconvertible(
            "the value of its last line counts (partial points, or what is to be printed): write an assertion."
        )


def _refuse_what_is_looked_at(parts: Sequence[ast.AST], function: str, draws: bool) -> None:
    """Raise `Unconvertible` if a test looks at something else than what a function returns."""
    for each in parts:
        match each:
            case ast.Try():
                raise Unconvertible("the test catches exceptions: write by hand what must happen instead.")
            case ast.Name(name) | ast.Attribute(attr=name) if name in _RAISES:
                raise Unconvertible("the test expects an exception: write by hand what must happen instead.")
            case ast.Name(name) | ast.Attribute(attr=name) if name in _PRINTED:
                raise Unconvertible(f"the test reads what `{function}` prints: return it.")
            case ast.Attribute(attr="seed" | "manual_seed") if draws:
                raise Unconvertible(
                    f"the test seeds random numbers that `{function}` draws in another process: pass them."
                )
            case ast.Constant(str()) if each.end_lineno != each.lineno:
                raise Unconvertible("a text in it has several lines: write it on one.")


def _refuse_uses(parts: Sequence[ast.AST], function: str, result: ast.stmt | None) -> None:
    """Raise `Unconvertible` if a function is used in a way in which a submission's cannot be used."""
    called = {each.func for each in parts if isinstance(each, ast.Call)}
    for each in parts:
        match each:
            case ast.Name(name, ast.Store()) if name == function:
                raise Unconvertible(f"the test gives `{function}` another value.")
            case ast.Name(name) if name == function and each not in called:
                raise Unconvertible(f"the test uses `{function}` without calling it.")
            case ast.Expr(ast.Call(ast.Name(name))) if name == function and each is not result:
                raise Unconvertible(
                    f"the test calls `{function}` for what it changes, but a submission gets copies: test its result, "
                    f"or use `submission.{function}.called_with`."
                )
            case ast.Call(ast.Name(name), arguments) if name == function:
                if any(isinstance(argument, ast.Lambda) for argument in arguments):
                    raise Unconvertible(f"the test hands a function to `{function}`, which cannot be sent.")


def _is_saying(node: ast.Expr) -> bool:
    """Tell whether a statement can only raise or print: then its value means nothing."""
    match node.value:
        case ast.Call(ast.Name(name)) | ast.Call(ast.Attribute(attr=name)):
            return name in _SAYING or name.startswith("assert")
    return isinstance(node.value, ast.Constant)


class _Editing(ast.NodeVisitor):
    """Edits of a test's text: calls of the function become the submission's, and every assertion gets a sentence."""

    def __init__(self, text: str, function: str, visibility: Visibility, cell: int) -> None:
        self._lines = text.split("\n")
        self._function = function
        self._hidden = visibility == "hidden"
        self._cell = cell
        self._edits: list[tuple[tuple[int, int], tuple[int, int], str]] = []
        self.asserts = 0

    def visit_Name(self, node: ast.Name) -> None:
        """Ask the submission for the function."""
        if node.id == self._function:
            self._insert(_start(node), "submission.")

    def visit_Assert(self, node: ast.Assert) -> None:
        """Give an assertion a sentence; one that says what is hidden is replaced."""
        self.asserts += 1
        self.visit(node.test)
        if node.msg is None:
            self._insert(_end(node), f", {self._sentence(node.test)}")
        elif self._hidden:
            self._edits.append((_start(node.msg), _end(node.msg), self._sentence(node.test)))
        else:
            self.visit(node.msg)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Give a sentence to what a library asserts, whose own has several lines and the expected value."""
        self.generic_visit(node)
        match node.value:
            case ast.Call(ast.Name(name)) | ast.Call(ast.Attribute(attr=name)) if name.startswith("assert"):
                self.asserts += 1
                indent = " " * node.col_offset
                if self._lines[node.lineno - 1][: node.col_offset].strip():
                    raise Unconvertible("it has several statements on a line: write one a line.")
                self._insert(_start(node), f"try:\n{indent}{_INDENT}")
                raised = f"raise AssertionError({self._sentence(node.value)}) from None"
                self._insert(_end(node), f"\n{indent}except AssertionError:\n{indent}{_INDENT}{raised}")

    def expect(self, node: ast.Expr, shown: str) -> None:
        """Assert that the last line gives what it gave when the notebook was run."""
        try:
            value = ast.literal_eval(shown)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise Unconvertible(
                "what its last line printed is not a value that Python writes out: write an assertion."
            ) from error
        self.asserts += 1
        before, after = ("assert (", ")") if value is True else ("assert not (", ")") if value is False else (
            "assert (", f") == {shown.strip()}",
        )  # fmt: skip
        self._insert(_start(node), before)
        sentence = self._sentence(node.value) if isinstance(value, bool) else self._sentence(node.value, shown)
        self._insert(_end(node), f"{after}, {sentence}")

    def _insert(self, place: tuple[int, int], text: str) -> None:
        self._edits.append((place, place, text))

    def _sentence(self, node: ast.expr, equals: str = "") -> str:
        """Return what a failure says, as a literal of Python. Nothing of a hidden test is said."""
        code = " ".join((ast.get_source_segment("\n".join(self._lines), node) or "").split())
        code += f" == {' '.join(equals.split())}" if equals else ""
        if self._hidden:
            text = f"A hidden test of `{self._function}` fails."
        elif len(code) > _LONGEST:
            text = f"A test of cell {self._cell} fails."
        else:
            text = f"The test fails: {code}"
        return json.dumps(text, ensure_ascii=False)

    def result(self, first: int) -> str:
        """Return the edited text from a line on."""
        # From the end to the beginning; of edits at one place, the one that came last stands first.
        for (line, column), (last, end), text in sorted(self._edits, key=lambda edit: edit[0], reverse=True):
            before = self._lines[line].encode()[:column].decode()
            after = self._lines[last].encode()[end:].decode()
            self._lines[line : last + 1] = (before + text + after).split("\n")
        return "\n".join(self._lines[first - 1 :]).strip("\n")


def _start(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return node.lineno - 1, node.col_offset


def _end(node: ast.expr | ast.stmt) -> tuple[int, int]:
    return (node.end_lineno or 1) - 1, node.end_col_offset or 0


def draws_numbers(node: ast.AST) -> bool:
    """Tell whether a function seems to draw random numbers."""
    return any("rand" in name for name in _names(node))


def _names(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        match each:
            case ast.Name(name) | ast.Attribute(attr=name):
                yield name
