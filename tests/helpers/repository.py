"""Makes the packages of the repository importable that are not installed.

Its folder is not put on `sys.path`: there lies what a build has left of this distribution, which Python would take for
a second installation.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from grader.plugin.course_imports import find_helpers_in

PROJECT = Path(__file__).parents[2]


def make_importable() -> None:
    """Make the course's helpers and `tools` importable."""
    find_helpers_in(PROJECT)
    folder = PROJECT / "tools"
    spec = importlib.util.spec_from_file_location(
        "tools", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    sys.modules["tools"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["tools"])
