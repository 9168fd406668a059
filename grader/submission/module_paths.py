"""Gives the files of a submission paths under which Python can import them, whatever they are called."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from grader.submission.copies import without_copy_mark
from grader.submission.entries import Form, form_of, stem_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_NOT_IN_A_MODULE = re.compile(r"[.\\:]")  # a dot would be a package, the others a folder or a drive on Windows


def module_paths(paths: Iterable[str]) -> dict[str, str]:
    """Return the path of each file's module; most keep theirs.

    Dots go, since an import would look for a package; an archive is a folder of its name. An ending that was added
    goes, and so does the mark of a copy (`steps-1.py`, as platforms rename what is handed in again), unless the
    module's name is taken: other files import it by the name that it had.
    """
    wanted = {path: _module_path(path) for path in paths}
    taken = _with_folders(path for path, module in wanted.items() if path == module)
    found = {}
    for path, module in wanted.items():
        found[path] = path if path == module else _free(module, taken)
        taken |= _with_folders([found[path]])
    return found


def notebook_module_path(path: str, taken: Iterable[str]) -> str:
    """Return the path of the module that is made of a notebook."""
    *folders, name = path.split("/")
    return _free("/".join([*map(_package, folders), f"{name}.py"]), _with_folders(taken))


def _free(module: str, taken: Collection[str]) -> str:
    """Return the path, or one like it that is not taken."""
    stem = module.removesuffix(".py")
    numbered = (f"{stem}_{number}.py" for number in itertools.count(2))
    return next(path for path in itertools.chain([module], numbered) if path not in taken)


def _with_folders(paths: Iterable[str]) -> set[str]:
    return {
        "/".join(parts[:depth]) for path in paths for parts in [path.split("/")] for depth in range(1, len(parts) + 1)
    }


def _module_path(path: str) -> str:
    *folders, _ = path.split("/")
    stem = stem_of(path)
    if not stem.isidentifier() and (plain := without_copy_mark(stem)).isidentifier():
        stem = plain
    return "/".join([*map(_package, folders), _NOT_IN_A_MODULE.sub("_", stem)]) + ".py"


def _package(folder: str) -> str:
    return _NOT_IN_A_MODULE.sub("_", stem_of(folder) if form_of(folder) is Form.ARCHIVE else folder)
