"""What a notebook's set-up cell does once the grader itself is installed: libraries, course, extension, "ready".

At first nothing but Python's own library may be there, so that everything else is imported where it is used.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

DISTRIBUTION = "diffusion-grader"


def ready(lesson: str) -> None:
    """Install what is missing, go to the lesson of the course, load the extension, and print one line.

    Nothing that is installed is replaced. Where the notebook lies in no course, a copy of the one that comes with the
    grader is made beside it. To run it again does no harm.
    """
    said = install_missing()
    from IPython.core.getipython import get_ipython

    from grader.errors import UsageError
    from grader.notebook.extension import load
    from grader.version import __version__

    shell: Any = get_ipython()
    try:
        place = _course(shell.user_ns, lesson)
    except UsageError as error:
        print(error)
        return
    os.chdir(place)
    extension = load(shell, quietly=True)
    extension.go_to(place)
    print(f"ready: grader {__version__}, {extension.place}{said}")


def install_missing() -> str:
    """Install libraries that the grader needs and that are missing; return what was, as the end of a sentence."""
    missing = missing_requirements()
    if not missing:
        return ""
    installed = "".join(f"{name}=={version}\n" for name, version in _installed().items())
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "installed.txt"
        constraints.write_text(installed, encoding="utf-8")
        subprocess.run([*pip(), "--constraint", str(constraints), *missing], check=True)
    importlib.invalidate_caches()
    return f"; installed {', '.join(re.split('[ <>=!~;[]', requirement)[0] for requirement in missing)}"


def pip() -> list[str]:
    """Return the command that installs into this Python, without a word if all goes well."""
    if not any(metadata.distributions(name="pip")):  # an environment that uv has made
        return ["uv", "pip", "install", "--quiet", "--python", sys.executable]
    return [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def missing_requirements() -> list[str]:
    """Return the requirements of the grader, without extras, of which no version at all is installed."""
    have = _installed()
    needed = [requirement for requirement in metadata.requires(DISTRIBUTION) or [] if "extra ==" not in requirement]
    elsewhere = [each for each in needed if 'sys_platform == "linux"' in each and sys.platform != "linux"]
    return [
        requirement.partition(";")[0].strip()
        for requirement in needed
        if requirement not in elsewhere and _plain(re.split("[ <>=!~;[]", requirement)[0]) not in have
    ]


def _installed() -> dict[str, str]:
    return {_plain(each.metadata["Name"]): each.version for each in metadata.distributions() if each.metadata["Name"]}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _course(variables: dict[str, Any], lesson: str) -> Path:
    """Return the lesson's folder in the course that is there, or in a copy that is made now."""
    from grader.errors import UsageError
    from grader.notebook.places import BESIDE, OF_COLAB, find_place, on_colab

    try:
        root = find_place(variables).root
    except UsageError:
        from grader import working_copy

        root = OF_COLAB if on_colab() else Path.cwd() / BESIDE
        working_copy.make(root)
    folder = root / "exercises" / lesson
    return folder if folder.is_dir() else root
