"""Reads a file of checks: their names, titles and tiers, and what they call."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.course.model import TIERS, Check
from grader.course.syntax import parse
from grader.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grader.course.model import ModelUse, Tier
    from grader.results import Visibility


@dataclass(frozen=True)
class CheckFile:
    """The checks of one file, and the submission's functions that they call."""

    checks: tuple[Check, ...]
    called: tuple[str, ...]

    @classmethod
    def read(cls, root: Path, path: Path, visibility: Visibility) -> CheckFile:
        """Read a file of the course in `root`; raise `UsageError` if it is not as a check file must be."""
        found = path.stat()
        return cls._read(root, path, visibility, (found.st_mtime_ns, found.st_size))

    @classmethod
    @functools.lru_cache(maxsize=4096)
    def _read(cls, root: Path, path: Path, visibility: Visibility, _changed: tuple[int, int]) -> CheckFile:
        """Read a file, once for as long as it stays the same."""
        place = path.relative_to(root).as_posix()
        try:
            tree = parse(path.read_bytes())
        except SyntaxError as error:
            line = error.lineno or 1
            raise UsageError(f"{place} is not valid Python (line {line}: {error.msg}): fix the syntax.") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise UsageError(f"{place} cannot be read as Python ({error}): fix it.") from error
        checks = []
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                title = " ".join((ast.get_docstring(node) or "").strip().partition("\n\n")[0].split())
                if not title:
                    raise UsageError(
                        f"{place}:{node.lineno}: the check `{node.name}` has no docstring: "
                        "write the sentence that students read as one."
                    )
                tiers = _tiers(node, place)
                checks.append(Check(node.name, title, visibility, path, node.lineno, tiers, _model_use(node)))
        if not checks:
            raise UsageError(f"{place}: the file contains no check: write a function `test_...` with a docstring.")
        return cls(tuple(checks), tuple(_called_on_submission(tree)))


def _model_use(check: ast.FunctionDef | ast.AsyncFunctionDef) -> ModelUse:
    """Return where a check needs the model, by the fixtures that it asks for."""
    asked = {argument.arg for argument in check.args.args}
    return "worker" if "sd" in asked else "judge" if "judge_sd" in asked else ""


def _tiers(check: ast.FunctionDef | ast.AsyncFunctionDef, place: str) -> tuple[Tier, ...]:
    """Return the tiers that a check's mark names, without importing it."""
    for mark in check.decorator_list:
        target = mark.func if isinstance(mark, ast.Call) else mark
        if ast.unparse(target) != "pytest.mark.tier":
            continue
        given = mark.args if isinstance(mark, ast.Call) and not mark.keywords else []
        named = {argument.value if isinstance(argument, ast.Constant) else None for argument in given}
        if not named or not named <= set(TIERS):
            raise UsageError(
                f"{place}:{mark.lineno}: the mark of the check `{check.name}` names no tiers: "
                'write @pytest.mark.tier("gpu"), or @pytest.mark.tier("cpu", "gpu") for both.'
            )
        return tuple(tier for tier in TIERS if tier in named)
    return ("cpu",)


def _called_on_submission(tree: ast.Module) -> Iterator[str]:
    """Yield NAME for every `submission.NAME(...)`, `submission.NAME.called_with(...)` and `.backward(...)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        target = node.func
        if isinstance(target, ast.Attribute) and target.attr in ("called_with", "backward"):
            target = target.value
        match target:
            case ast.Attribute(ast.Name("submission"), name):
                yield name
