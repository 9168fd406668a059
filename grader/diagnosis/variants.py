"""What a wrong variant says of itself."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from grader.course.syntax import tree_of
from grader.results import Diagnosis

if TYPE_CHECKING:
    from pathlib import Path


def describe_variant(variant: Path) -> Diagnosis:
    """Return the misconception that a wrong variant's docstring names, its explanation, and its `CAUGHT_BY`."""
    tree = tree_of(variant)
    title, _, explanation = (ast.get_docstring(tree) or variant.stem).strip().partition("\n")
    caught_by = ""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["CAUGHT_BY"]:
            caught_by = str(ast.literal_eval(node.value))
    return Diagnosis(variant.stem, title.strip(), explanation.strip(), caught_by)
