"""Reads `exercises/LESSON/NAME.examples`: lines such as `double(2) == 4`. Nothing of it is run.

    # Twice minus three is minus six.
    double(-3) == -6
    scale(torch.tensor([1.0, 2.0]), factor=3) == torch.tensor([3.0, 6.0])
    half_root(0.5) == 0.707         # right if the result is 0.707 when it is rounded

A value is a number, text, True, False, None, a list, tuple or dict of values, sums, products and powers of numbers, and
what `torch` and `math` make of them (see `MAKERS`).
"""

from __future__ import annotations

import ast
import math
import operator
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import torch

from grader.course.syntax import parse
from grader.errors import UsageError
from grader.faults import text_of
from grader.sandbox.wire.frames import WireError
from grader.sandbox.wire.values import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.course.model import Exercise

_FROM_TORCH = ("tensor", "zeros", "ones", "full", "arange", "linspace", "eye")
MAKERS: dict[str, Callable[..., Any]] = {
    **{f"torch.{name}": getattr(torch, name) for name in _FROM_TORCH},
    **{f"math.{name}": getattr(math, name) for name in ("sqrt", "exp", "log", "sin", "cos")},
    "float": float,
}
_KEYWORDS = {"dtype", "end", "fill_value", "m", "n", "requires_grad", "size", "start", "step", "steps"}  # of makers
_CONSTANTS = {
    **{f"math.{name}": getattr(math, name) for name in ("pi", "e", "inf", "nan")},
    **{
        f"torch.{kind}": getattr(torch, kind) for kind in ("float16", "bfloat16", "float32", "float64", "int64", "bool")
    },
}
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
MOST = 100  # examples of an exercise
_MOST_BYTES = 100_000
_MOST_NUMBERS = 20_000  # of a tensor: the latents of a picture of 512 pixels are 16,384
_MOST_MADE = 1_000  # tensors and the like, of all examples together
_LARGEST = 1e12  # of a number that is written, and of a size
_LARGEST_EXPONENT = 64
_LEAST_TOLERANCE = 1e-4
_ALMOST_ONE = 1.001  # 0.7075 is a double that is a little more, or less
_ROUNDED = re.compile(r"\d+\.(\d{3,})")


class Example(NamedTuple):
    """A call and what it should return; numbers are compared within `tolerance`, as exactly as they are written."""

    line: int
    text: str
    function: str
    arguments: list[Any]
    keywords: dict[str, Any]
    expected: Any
    tolerance: float


def examples_file(exercise: Exercise) -> Path:
    """Return where the examples of an exercise are written."""
    return exercise.stub.with_suffix(".examples")


def examples_in_file(path: Path, exercise: Exercise) -> list[Example]:
    """Read a file of examples; raise `UsageError` if there is none, or as `read_examples` does."""
    if not path.exists():
        raise UsageError(f"There is no {path}: write it, with lines such as `{like(exercise)}`.")
    return read_examples(str(path), text_of(path), exercise)


def read_examples(path: str, text: str, exercise: Exercise) -> list[Example]:
    """Read examples from a text; raise `UsageError` with its line if one is not a call, `==` and a value.

    `path` is what messages call the text.
    """
    try:
        if len(text) > _MOST_BYTES:
            raise ValueError("it is too long")
        statements = parse(text).body
    except SyntaxError as error:
        raise _unreadable(f"{path}:{error.lineno or 1}", error.msg, exercise) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _unreadable(path, str(error), exercise) from error
    if not statements:
        raise UsageError(f"{path} has no examples: write lines such as `{like(exercise)}`.")
    if len(statements) > MOST:
        raise UsageError(f"{path} has {len(statements)} examples: {MOST} are enough.")
    if sum(isinstance(node, ast.Call) for statement in statements for node in ast.walk(statement)) > _MOST_MADE:
        raise UsageError(f"{path} makes more than {_MOST_MADE:,} tensors and roots: write fewer or smaller examples.")
    return [_example(path, text, statement, exercise) for statement in statements]


def _unreadable(place: str, reason: str, exercise: Exercise) -> UsageError:
    return UsageError(f"{place}: this cannot be read ({reason}): write lines such as `{like(exercise)}`.")


def like(exercise: Exercise) -> str:
    """Return what examples of an exercise look like."""
    function = exercise.functions[0]
    return f"{function.name}({', '.join('...' for _ in function.parameters)}) == ..."


def _example(path: str, text: str, statement: ast.stmt, exercise: Exercise) -> Example:
    try:
        call, expected = _call_and_value(statement)
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name not in {function.name for function in exercise.functions}:
            raise ValueError(f"`{ast.unparse(call.func)}` is not a function of this exercise")
        arguments = [_value(each) for each in call.args]
        keywords = {each.arg: _value(each.value) for each in call.keywords if each.arg is not None}
        if len(keywords) != len(call.keywords):
            raise ValueError("`**` cannot be used")
        _refuse_what_cannot_be_asked([*arguments, *keywords.values()])
        said = f"{ast.get_source_segment(text, call)} == {ast.get_source_segment(text, expected)}"
        return Example(statement.lineno, said, name, arguments, keywords, _value(expected), _tolerance(text, expected))
    except (ValueError, TypeError, ArithmeticError, RuntimeError, RecursionError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise UsageError(f"{path}:{statement.lineno}: {reason}: write it like `{like(exercise)}`.") from error


def _refuse_what_cannot_be_asked(values: list[Any]) -> None:
    encoder = Encoder()
    try:
        for value in values:
            encoder.tree(value)
    except WireError as error:
        raise ValueError(f"an argument cannot be handed over, since it is {error}") from error


def _call_and_value(statement: ast.stmt) -> tuple[ast.Call, ast.expr]:
    """Return both sides of `CALL == VALUE`, which may stand behind `assert`."""
    match statement:
        case (
            ast.Expr(value=ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[expected]))
            | ast.Assert(test=ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[expected]))
        ):
            return call, expected
    raise ValueError("it is not a call, `==` and a value")


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=value) if not isinstance(value, bytes | complex) and value is not ...:
            return _bounded(value)
        case ast.List() | ast.Tuple() | ast.Dict():
            return _collection(node)
        case ast.Attribute() if ast.unparse(node) in _CONSTANTS:
            return _CONSTANTS[ast.unparse(node)]
        case ast.UnaryOp(op=ast.USub()) | ast.BinOp() | ast.Call():
            return _computed(node)
    raise _no_value(node)


def _no_value(node: ast.expr) -> ValueError:
    return ValueError(f"`{ast.unparse(node)[:60]}` is not a value")


def _collection(node: ast.List | ast.Tuple | ast.Dict) -> Any:
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise ValueError("`**` cannot be used")
        return {
            _value(key): _value(value) for key, value in zip(node.keys, node.values, strict=True) if key is not None
        }
    items = [_value(item) for item in node.elts]
    return items if isinstance(node, ast.List) else tuple(items)


def _computed(node: ast.UnaryOp | ast.BinOp | ast.Call) -> Any:
    if isinstance(node, ast.UnaryOp):
        return -_number(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _number(node.left), _number(node.right)
        if isinstance(node.op, ast.Pow) and not (isinstance(right, int | float) and abs(right) <= _LARGEST_EXPONENT):
            raise ValueError("an exponent is too large")
        shapes = [torch.empty(getattr(each, "shape", ()), device="meta") for each in (left, right)]
        _refuse_large((shapes[0] + shapes[1]).numel())
        return _bounded(_OPERATIONS[type(node.op)](left, right))
    if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
        given = [_value(argument) for argument in node.args]
        named = {each.arg: _value(each.value) for each in node.keywords if each.arg is not None}
        return _made(ast.unparse(node.func), given, named)
    raise _no_value(node)


def _number(node: ast.expr) -> Any:
    value = _value(node)
    if not isinstance(value, int | float | torch.Tensor):
        raise ValueError(f"`{ast.unparse(node)[:60]}` is not a number")
    return value


def _bounded(value: Any) -> Any:
    if isinstance(value, int | float) and abs(value) > _LARGEST and not math.isinf(value):
        raise ValueError("a number is too large")
    return value


def _made(name: str, given: list[Any], named: dict[str, Any]) -> Any:
    if strange := sorted(named.keys() - _KEYWORDS):  # such as a device, which this machine may not have
        raise ValueError(f"`{strange[0]}=` cannot be used")
    if name.startswith("torch.") and name != "torch.tensor":  # whose numbers are all written
        _refuse_large(MAKERS[name](*given, **{**named, "device": "meta"}).numel())  # which takes no memory
    return MAKERS[name](*given, **named)


def _refuse_large(numbers: int) -> None:
    if numbers > _MOST_NUMBERS:
        raise ValueError("a tensor is too large")


def _tolerance(text: str, node: ast.expr) -> float:
    """Return how far a result may be from a value: half a unit of the last decimal, where there are three or more.

    A number with fewer is meant as it stands. At least what checks allow.
    """
    written = (ast.get_source_segment(text, each) or "" for each in ast.walk(node) if isinstance(each, ast.Constant))
    decimals = [len(found[1]) for each in written if (found := _ROUNDED.fullmatch(each))]
    return max(_LEAST_TOLERANCE, 0.5 * 10.0 ** -min(decimals) * _ALMOST_ONE) if decimals else _LEAST_TOLERANCE
