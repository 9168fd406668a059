"""Lets check files import the helpers of their course: `from exercises.LESSON.checks import _x`.

Helpers are the modules whose names start with an underscore. The course's folder is never put on `sys.path`: a file
`torch.py` of a student's would run in the judge. For the same reason stubs and answers cannot be imported.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType

PACKAGES = ("exercises", "reference")


class CourseFinder(MetaPathFinder):
    """Finds the packages `exercises` and `reference` in one course, and refuses their modules that are not helpers."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Return where a package of the course lies; raise `ImportError` for a stub or an answer."""
        parts = name.split(".")
        place = self.root.joinpath(*parts)
        if name in PACKAGES and place.is_dir():
            spec = ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [str(place)]
            return spec
        if parts[0] in PACKAGES and not parts[-1].startswith(("_", "test_")) and place.with_suffix(".py").is_file():
            raise ImportError(f"`{name}` is a stub or an answer. Check files can only import helpers, such as `_name`.")
        return None


def find_helpers_in(root: Path) -> None:
    """Use the `exercises` and `reference` of this course from now on."""
    finder = next((finder for finder in sys.meta_path if isinstance(finder, CourseFinder)), None)
    if finder is not None and finder.root == root:
        return
    if finder is not None:
        sys.meta_path.remove(finder)
    forget_course_modules()
    sys.meta_path.insert(0, CourseFinder(root))


def forget_course_modules() -> None:
    """Make the next import of a course's check files and helpers read them again."""
    for name in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
        del sys.modules[name]
