"""Loads single files of the course, which are no package."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

PROJECT = Path(__file__).parents[2]


def load(*parts: str | Path) -> ModuleType:
    """Return the module in a file, given by its path from the project's root."""
    path = PROJECT.joinpath(*parts)
    spec = importlib.util.spec_from_file_location("_".join((*path.parts[-3:-1], path.stem)), path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
