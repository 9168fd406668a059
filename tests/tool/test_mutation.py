"""Mutants of a function: one small edit each, of the kinds that people get wrong."""

from __future__ import annotations

import ast

import pytest

from grader.mutation.mutants import mutants
from grader.mutation.operators import mutations

pytestmark = pytest.mark.light


def after(source: str) -> set[str]:
    """Return what the mutants of a one-line function have in the place of that line."""
    return {mutant.name.partition(" -> ")[2] for mutant in mutants(f"def f(x, y):\n    {source}\n")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return x + y", {"return x - y"}),
        ("return x // y", {"return x / y"}),
        ("x *= y", {"x /= y", "pass"}),
        ("return x < y", {"return x <= y", "return x > y"}),
        ("return x is y", {"return x is not y"}),
        ("return x and y", {"return x or y"}),
        ("return -x", {"return x"}),
        ("return 0", {"return 1"}),
        ("return 0.5", {"return 1.5", "return -0.5"}),
        ("return True", {"return False"}),
        ("return x.sqrt()", {"return x"}),
        ("return torch.sqrt(x)", {"return x"}),
        ("return max(x, y)", {"return x"}),
        ("return g(x, y)", {"return g(y, x)"}),
        ("return g(x, y=y)", {"return g(x)"}),
        ("return x if y else None", {"return None if y else x"}),
        ("x[y] = x", {"pass"}),
        ("x.y = x", {"pass"}),
        ("g(x)", {"pass"}),
        ("raise x", {"pass"}),
        ("x = y", set()),
        ("return 'text'", set()),
    ],
)
def test_each_operator(line: str, expected: set[str]) -> None:
    assert after(line) == expected


def test_an_operator_leaves_its_node_alone() -> None:
    for node in ast.walk(ast.parse("def loss(x):\n    x[0] += max(-x, 2 if x > 1 else 3, axis=0)\n    return x\n")):
        before = ast.dump(node)
        list(mutations(node))
        assert ast.dump(node) == before


def test_annotations_defaults_and_docstrings_are_no_place_for_a_mutant() -> None:
    source = '''"""Module."""\ndef f(x: int = 1, *, y: "a" = 2) -> 3:\n    """Text."""\n    return x\n'''
    assert mutants(source) == []


def test_an_odd_escape_in_a_docstring_is_no_fault() -> None:
    assert mutants('def f(x):\n    """Return \\sqrt of x."""\n    return x\n') == mutants("def f(x):\n    return x\n")


def test_what_is_not_in_a_function_is_left_alone() -> None:
    assert mutants("LIMIT = 3\nprint(1 + 2)\n") == []


def test_a_mutant_differs_in_one_place_and_shows_it() -> None:
    (mutant,) = mutants("def f(x, y):\n    z = x\n    return z + y\n")
    assert mutant.source == "def f(x, y):\n    z = x\n    return z - y"
    assert mutant.difference == "     z = x\n-    return z + y\n+    return z - y"


def test_mutants_change_what_people_get_wrong() -> None:
    source = """
import torch

@torch.no_grad()
def step(x, betas, t):
    if t == 0 and x.ndim > 1:
        return -x
    betas[0] = 1
    with torch.no_grad():
        y = torch.sub(x, betas, alpha=2).sqrt()
    return y if t else x
"""
    names = {mutant.name.partition(" -> ")[2] for mutant in mutants(source)}
    for expected in (
        "if t == 0 or x.ndim > 1:", "if t != 0 and x.ndim > 1:", "if t == 1 and x.ndim > 1:", "if t == 0 and x.ndim >= 1:",
        "return x", "pass", "if True:", "y = torch.sub(betas, x, alpha=2).sqrt()", "y = torch.sub(x, betas).sqrt()",
        "y = torch.sub(x, betas, alpha=2)", "return x if t else y", "def step(x, betas, t):",
    ):  # fmt: skip
        assert expected in names, names


def test_mutants_of_lines_that_are_alike_are_told_apart() -> None:
    source = "def f(x):\n    x += 2\n    x *= 3\n    x += 2\n    return x"
    made = {mutant.name: mutant.source for mutant in mutants(source)}
    assert made["x += 2 -> x -= 2 (1 of 2)"] == source.replace("+= 2\n    x *", "-= 2\n    x *")
    assert made["x += 2 -> x -= 2 (2 of 2)"] == source.replace("+= 2\n    r", "-= 2\n    r")
    assert "x *= 3 -> x /= 3" in made
