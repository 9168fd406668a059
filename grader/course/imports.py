"""Finds the files that a Python file imports from given packages, without running any of it."""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING

from grader.course.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path


def imported_files(files: Iterable[Path], packages: Mapping[str, Path]) -> tuple[Path, ...]:
    """Return the files that these files import from the packages, directly or through one another, sorted.

    `packages` maps a dotted name to its folder: with `{"exercises": course / "exercises"}`, a line
    `from exercises.LESSON.checks import _noise` leads to `exercises/LESSON/checks/_noise.py`. Imports inside functions
    count too. A file that is not valid Python imports nothing.
    """
    found: set[Path] = set()
    given = list(files)
    pending = list(given)
    while pending:
        for path in _imports_of(pending.pop(), packages):
            if path not in found:
                found.add(path)
                pending.append(path)
    return tuple(sorted(found.difference(given)))


def _imports_of(file: Path, packages: Mapping[str, Path]) -> Iterator[Path]:
    try:
        names = _imported_names(file, file.stat().st_mtime_ns)
    except OSError:
        return
    for name in names:
        yield from _files_of(name, packages)


@functools.lru_cache(maxsize=4096)
def _imported_names(file: Path, _changed: int) -> tuple[str, ...]:
    """Return every module, and every name of one, that a file imports; it is read again when it has changed."""
    try:
        tree = parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(dict.fromkeys(names))


def _files_of(module: str, packages: Mapping[str, Path]) -> Iterator[Path]:
    for package, folder in packages.items():
        if module == package:
            place = folder
        elif module.startswith(package + "."):
            place = folder.joinpath(*module.removeprefix(package + ".").split("."))
        else:
            continue
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                yield path
