"""An auto-grader and exercise checker for courses on generative models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.version import __version__ as __version__

if TYPE_CHECKING:
    from grader.api import grade as grade
    from grader.errors import GraderError as GraderError
    from grader.errors import UsageError as UsageError
    from grader.results import Verdict as Verdict

# What programs that grade use, and where it is: the command, notebooks and workers import none of it from here.
_FOR_PROGRAMS = {
    "GraderError": "grader.errors",
    "UsageError": "grader.errors",
    "Verdict": "grader.results",
    "grade": "grader.api",
}


def __getattr__(name: str) -> Any:
    """Import what programs that grade use when they use it."""
    if name not in _FOR_PROGRAMS:
        raise AttributeError(f"module `grader` has no attribute `{name}`")
    import importlib

    return getattr(importlib.import_module(_FOR_PROGRAMS[name]), name)


def load_ipython_extension(shell: object) -> None:
    """Give a notebook `%%exercise NAME` and `%grader`: called by `%load_ext grader`."""
    from grader.notebook.extension import load

    load(shell)


def check(name: str = "") -> None:
    """Check an exercise in a notebook, the last one defined if none is named, and show the verdict."""
    from grader.notebook.extension import extension_here

    extension_here().check(name)


def check_all(lesson: str = "") -> None:
    """Check all exercises of the notebook's lesson, or of another one, and show how each of them stands."""
    from grader.notebook.extension import extension_here

    extension_here().check_all(lesson)


def handin() -> None:
    """Write what a notebook holds into a file to be handed in."""
    from grader.notebook.extension import extension_here

    extension_here().hand_in()
