"""Fills the blanks of a scaffold with what needs no understanding, and tells what that earns: it must be nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from grader.authoring.scaffolding.stub_texts import filled_in, functions_of, marks_of, parameters, stub_text
from grader.course.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from grader.authoring.scaffolding.solution_marks import Blank
    from grader.course.model import Exercise

_CONSTANTS = {"None": "None", "0": "0", "...": "..."}
_EMPTY = {"torch": "torch.empty(0)", "np": "np.empty(0)"}  # by the name under which the scaffold has the library


class Fill(NamedTuple):
    """A scaffold whose blanks are filled in, all or only those of one statement; `how` says with what."""

    how: str
    text: str


def all_filled(exercise: Exercise) -> Iterator[Fill]:
    """Yield the scaffold with one trivial filling in every blank, each filling in turn.

    Raises:
        UsageError: the scaffold cannot be made.
    """
    scaffold, blanks = stub_text(exercise, "guided"), marks_of(exercise).blanks
    for how, filling in _fillings(scaffold):
        yield Fill(
            f"{how} in every blank", filled_in(scaffold, _expressions(exercise, blanks, dict.fromkeys(blanks, filling)))
        )


def one_filled(exercise: Exercise) -> Iterator[Fill]:
    """Yield the scaffold with a trivial filling in one statement's blanks, and the solution's own text in all others.

    Of the arguments it is the first alone.

    Raises:
        UsageError: the scaffold cannot be made.
    """
    scaffold, blanks = stub_text(exercise, "guided"), marks_of(exercise).blanks
    for blank in blanks:
        for how, filling in _fillings(scaffold, most_arguments=1):
            expressions = _expressions(exercise, blanks, {blank: filling})
            yield Fill(f"{how} in `{blank.template}`", filled_in(scaffold, expressions))


def solved(exercise: Exercise, scaffold: str | None = None) -> str:
    """Return the scaffold with the solution's own text in every blank.

    Another `scaffold` than the stub may be given, such as a notebook's cell.

    Raises:
        UsageError: the scaffold cannot be made.
    """
    text = stub_text(exercise, "guided") if scaffold is None else scaffold
    return filled_in(text, _expressions(exercise, marks_of(exercise).blanks, {}))


def _fillings(
    scaffold: str, most_arguments: int | None = None
) -> Iterator[tuple[str, Callable[[ast.FunctionDef], str]]]:
    """Yield what is filled in: how it is called, and what it is in a function."""

    def constant(text: str) -> Callable[[ast.FunctionDef], str]:
        return lambda _: text

    def argument(number: int) -> Callable[[ast.FunctionDef], str]:
        return lambda function: (
            parameters(function)[number % len(parameters(function))] if parameters(function) else "None"
        )

    tree = parse(scaffold)
    imported = {
        (alias.asname or alias.name) for node in tree.body if isinstance(node, ast.Import) for alias in node.names
    }
    texts = _CONSTANTS | {f"`{text}`": text for library, text in _EMPTY.items() if library in imported}
    for how, text in texts.items():
        yield how, constant(text)
    longest = max(len(parameters(each)) for each in functions_of(tree).values())
    for number in range(longest if most_arguments is None else min(longest, most_arguments)):
        yield f"argument {number + 1}", argument(number)


def _expressions(
    exercise: Exercise, blanks: tuple[Blank, ...], fillings: Mapping[Blank, Callable[[ast.FunctionDef], str]]
) -> Iterator[ast.expr | ast.stmt]:
    """Yield what goes into each blank, in order: a filling, or what the blank stands for."""
    assert exercise.solution is not None
    functions = functions_of(parse(exercise.solution.read_text(encoding="utf-8")))
    for blank in blanks:
        filling = fillings.get(blank)
        if filling is None:
            yield from blank.hidden
            continue
        around = next(each for each in functions.values() if each.lineno <= blank.line <= (each.end_lineno or 0))
        expression = ast.parse(filling(around), mode="eval").body
        yield from [expression] * len(blank.hidden)
