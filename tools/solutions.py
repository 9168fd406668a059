"""Loads functions of reference solutions and of wrong variants, to measure them or to draw what they make."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any


def load_function(path: Path, name: str) -> Callable[..., Any]:
    """Return the function `name` of a file; raise `ImportError` if the file is not Python."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = getattr(module, name)
    return function
