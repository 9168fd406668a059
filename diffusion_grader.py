"""Where the command `grade` starts: outside of the package, so that it can say why the package cannot be used.

On the public index, `grader` is an unrelated distribution with a folder of the same name as ours. If it is found
first, or if a library is missing without which no command starts, one sentence says so.
"""

from __future__ import annotations

import shlex
import sys
from typing import NoReturn

_USAGE = 2
_UNRELATED = "grader"


def main() -> NoReturn:
    """Run the command, or say in a sentence why it cannot be run."""
    try:
        from grader.cli.main import main as run

        run()
    except ImportError as error:
        print(f"grade: {_why(error)}", file=sys.stderr)
        sys.exit(1 if sys.argv[1:2] == ["doctor"] else _USAGE)


def _why(error: ImportError) -> str:
    from importlib import metadata  # it takes as long to import as a fifth of `grade list`

    pip = f"{shlex.quote(sys.executable)} -m pip"
    missing = (error.name or "").partition(".")[0]
    if missing in sys.stdlib_module_names:
        wanted = "Linux or a Mac (on Windows, use WSL)" if sys.platform == "win32" else "a Python that is complete"
        return f"This Python has no module {missing}: use {wanted}."
    if missing not in ("", _UNRELATED):
        return f"The library {missing} is missing or broken ({error}): run `{pip} install --force-reinstall {missing}`."
    try:
        other = metadata.version(_UNRELATED)
    except metadata.PackageNotFoundError:
        return f"This installation is broken ({error}): install the grader again, as you did before."
    return (
        f"The distribution `{_UNRELATED}` {other} has nothing to do with this grader, and its files are in the way of "
        f"ours: run `{pip} uninstall {_UNRELATED}`, then install this grader again, as you did before."
    )
