"""Runs the tests with other versions of the libraries than `constraints.txt` pins, in a virtual environment of its own.

    python tools/with_versions.py lowest -- -m "not slow" --numprocesses 2

`lowest` installs exactly the lower bounds in pyproject.toml, `newest` the newest releases that pip finds, `pinned` what
`constraints.txt` says. What stands after `--` goes to pytest; without it, only the environment is made. The interpreter
that runs this script is the one that the tests run on, so `python3.13 tools/with_versions.py ...` is how they are run
on another Python. `--light` leaves out PyTorch and what needs it, for tests that are marked `light`.

pip decides which build of PyTorch comes. Where no file or index with CPU builds is configured (`PIP_FIND_LINKS`,
`PIP_EXTRA_INDEX_URL`), that is a build for GPUs, of several gigabytes.
"""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

PROJECT = Path(__file__).parents[1]
HEAVY = ("torch", "diffusers", "transformers", "peft")
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+(?:\[\w+\])?)>=(?P<lowest>[\w.]+)(?P<marker>\s*;.*)?")


def requirements(versions: str, *, light: bool = False) -> list[str]:
    """Return what pip is asked for: the project's own requirements, at their lower bounds for `lowest`.

    Raises `SystemExit` with a sentence for a requirement without a lower bound, or with anything beside it.
    """
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        asked += [text for text in extra if not text.startswith(project["name"])]
    found = []
    for text in asked:
        parts = _REQUIREMENT.fullmatch(text)
        if parts is None:
            raise SystemExit(f"pyproject.toml: `{text}` is not of the form `name>=version`. Write its lower bound so.")
        if light and parts["name"] in HEAVY:
            continue
        found.append(f"{parts['name']}=={parts['lowest']}{parts['marker'] or ''}" if versions == "lowest" else text)
    return found


def make(place: Path, versions: str, *, light: bool) -> Path:
    """Make the environment, or bring an older one up to date, and return its interpreter."""
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
    asked = requirements(versions, light=light)
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    how = {
        "lowest": [],
        "newest": ["--upgrade", "--upgrade-strategy", "eager"],
        "pinned": ["--constraint", str(PROJECT / "constraints.txt")],
    }[versions]
    # PyTorch first: resolved together with the rest, pip may choose another build of it than the one that lies ready.
    for wave in ([text for text in asked if text.startswith("torch")], asked):
        if wave:
            subprocess.run([*pip, *how, *wave], check=True)
    subprocess.run([*pip, "--no-deps", "--editable", str(PROJECT)], check=True)
    return python


def installed(python: Path, asked: list[str]) -> str:
    """Return one line with the versions of what was asked for, to be read in a log."""
    names = [re.split(r"\[|[>=]=", text)[0] for text in asked]
    show = "import sys; from importlib.metadata import version; print(*(n + ' ' + version(n) for n in sys.argv[1:]))"
    return subprocess.run([python, "-c", show, *names], check=True, capture_output=True, text=True).stdout.strip()


def main() -> int:
    """Make the environment, say what is in it, and run pytest."""
    usage = "%(prog)s {lowest,newest,pinned} [--venv DIR] [--light] [-- PYTEST_ARGUMENT ...]"
    parser = argparse.ArgumentParser(usage=usage, description=__doc__.partition("\n")[0])
    parser.add_argument("versions", choices=("lowest", "newest", "pinned"))
    parser.add_argument("--venv", type=Path, metavar="DIR", help="where it is made (.venv-VERSIONS if not given)")
    parser.add_argument("--light", action="store_true", help="without PyTorch and what needs it")
    given = sys.argv[1:]
    end = given.index("--") if "--" in given else len(given)  # what argparse makes of `--` differs between Pythons
    options, for_pytest = parser.parse_args(given[:end]), given[end + 1 :]
    place = options.venv or PROJECT / f".venv-{options.versions}"
    python = make(place.absolute(), options.versions, light=options.light)
    asked = requirements(options.versions, light=options.light)
    print(f"{options.versions} on Python {platform.python_version()}: {installed(python, asked)}", flush=True)
    if not for_pytest:
        return 0
    return subprocess.run([python, "-m", "pytest", *for_pytest], cwd=PROJECT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
