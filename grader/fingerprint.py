"""Hashes of what decides a result: an exercise's files, the parts of this tool that compute it, and the tiny model.

A mark depends on what code does, not on what people read: titles, docstrings and comments can be corrected and nothing
is graded again.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.imports import imported_files
from grader.course.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.course.model import Exercise

_HERE = Path(__file__).parent
# The modules and packages that grading runs through. Whoever changes one of them may change a mark.
DECIDING = (
    "checks", "course", "diagnosis", "diffusion", "errors", "faults", "garbage", "grading", "judging", "pictures",
    "plugin", "results", "sandbox", "student_examples", "submission", "tiers", "tinyworld", "version", "workbench",
)  # fmt: skip
_WEIGHTS = _HERE / "diffusion" / "tiny_sd"
_CHECKS_LEAN_ON = {f"grader.{name}": _HERE / name for name in ("checks", "diffusion", "tinyworld", "workbench")}


def parts_of_exercise(exercise: Exercise) -> dict[str, str]:
    """Return hashes of everything but the submission that decides a result, part by part."""
    others = [path for path in exercise.sources if path not in {exercise.rubric, *exercise.check_sources}]
    return {
        "checks": _of_meanings(exercise.check_sources, exercise.root),
        "statement, solution or variants": _of_meanings(others, exercise.root),
        "rubric": _of(_rules(exercise)),
        "grader": of_tool(),
        "model": _weights(exercise),
    }


def of_mistakes(exercise: Exercise) -> str:
    """Return a hash of what decides the answers of an exercise's known mistakes to its checks.

    Of this tool, the modules count that these checks import, and the one that draws their examples. What else stands
    between a check and a submission carries answers and does not change them. Of the course every byte counts: the
    explanations of mistakes are recorded, too.
    """
    own = (*exercise.check_sources, *exercise.public_helpers, *exercise.wrong)
    helpers = (*imported_files(own, _CHECKS_LEAN_ON), _HERE / "plugin" / "examples.py")
    return _of(of_files(own, exercise.root), _of_meanings(helpers, _HERE), _weights(exercise))


@functools.cache
def of_tool() -> str:
    """Return a hash of the deciding modules and packages of this tool."""
    places = [_HERE / name for name in DECIDING]
    files = [
        path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place.with_suffix(".py")])
    ]
    return _of_meanings([*files, _HERE / "diffusion" / "tolerances.json"], _HERE)


def of_files(paths: Iterable[Path], root: Path) -> str:
    """Return a hash of the files' content and of their places below `root`."""
    named = sorted((path.relative_to(root).as_posix(), path) for path in paths)
    return _of(*(part for name, path in named for part in (name, hashlib.sha256(path.read_bytes()).hexdigest())))


def _of_meanings(paths: Iterable[Path], root: Path) -> str:
    """Return a hash like that of `of_files` that stays the same when only docstrings and comments change."""
    named = sorted((path.relative_to(root).as_posix(), path) for path in paths)
    return _of(*(part for name, path in named for part in (name, _meaning(path, path.stat().st_mtime_ns))))


@functools.lru_cache(maxsize=4096)
def _meaning(path: Path, _changed: int) -> str:
    """Return a hash of what a file says to a computer; it is read again when it has changed."""
    content = path.read_bytes()
    if path.suffix == ".py":
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):  # what is not valid Python counts as it is
            content = ast.dump(_without_docstrings(parse(content))).encode()
    return hashlib.sha256(content).hexdigest()


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            del node.body[0]
    return tree


def _rules(exercise: Exercise) -> str:
    """Return what the rubric rules on an exercise, without titles; the whole file if it is not valid."""
    if not exercise.rubric.is_file():
        return ""
    content = exercise.rubric.read_bytes()
    try:
        rules = tomllib.loads(content.decode())["exercises"][exercise.name]
    except (ValueError, KeyError, TypeError):
        return hashlib.sha256(content).hexdigest()
    return repr(_without_titles(rules))


def _without_titles(rules: object) -> object:
    if isinstance(rules, dict):
        return {name: _without_titles(value) for name, value in sorted(rules.items()) if name != "title"}
    return [_without_titles(value) for value in rules] if isinstance(rules, list) else rules


def _weights(exercise: Exercise) -> str:
    return _of_weights() if exercise.on_model else ""


@functools.cache
def _of_weights() -> str:
    files = (
        path for path in _WEIGHTS.rglob("*") if path.suffix in (".safetensors", ".json", ".txt") and path.is_file()
    )
    return of_files([path for path in files if path.name != "training.json"], _WEIGHTS)


def _of(*texts: str) -> str:
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()
