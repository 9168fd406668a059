"""The files of a course that was converted: stubs, checks, solutions, points and a page."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from grader.authoring.converting.names import Needed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.authoring.converting.checks import Check
    from grader.authoring.converting.functions import Written
    from grader.results import Visibility

_HEADING = re.compile(r"^#{1,2}(?=[ \t])", re.MULTILINE)


class Weighed(NamedTuple):
    """The checks that one cell of tests became, and its points: all of them must pass."""

    checks: tuple[Check, ...]
    points: float


class Made(NamedTuple):
    """An exercise, with its checks in the order of the notebook."""

    written: Written
    tests: tuple[Weighed, ...]


def files_of(title: str, lesson: str, exercises: Sequence[Made]) -> dict[str, str]:
    """Return the texts of a course's files, by their paths in it."""
    files = {
        "exercises/README.md": f"# {title}\n\n* [{title}]({lesson}/README.md)\n",
        f"exercises/{lesson}/README.md": _page(title, exercises),
        f"rubrics/{lesson}.toml": _rubric(title, exercises),
    }
    for made in exercises:
        name = made.written.name
        files[f"exercises/{lesson}/{name}.py"] = made.written.stub
        files[f"exercises/{lesson}/checks/test_{name}.py"] = _check_file(made, "public")
        files[f"reference/{lesson}/{name}/solution.py"] = made.written.solution
        if hidden := _check_file(made, "hidden"):
            files[f"reference/{lesson}/{name}/test_hidden.py"] = hidden
    return files


def _page(title: str, exercises: Sequence[Made]) -> str:
    parts = [f"# {title}"]
    for made in exercises:
        written = made.written
        statement = _HEADING.sub("###", written.statement)
        parts += [f"## {written.name}", statement, f"Write it in [`{written.name}`]({written.name}.py)."]
    listed = "\n".join(f"* [`{made.written.name}`]({made.written.name}.py)" for made in exercises)
    return "\n\n".join(part for part in [*parts, "## Exercises", listed] if part) + "\n"


def _check_file(made: Made, visibility: Visibility) -> str:
    checks = [check for test in made.tests for check in test.checks if check.visibility == visibility]
    if not checks:
        return ""
    needed = Needed()
    for check in checks:
        needed.add(check.needed)
    whose = "students see" if visibility == "public" else "students do not see"
    head = f'"""What the tests of `{made.written.function}` ask for that {whose}."""\n'
    above = f"\n{needed.text}\n" if needed.text else ""
    return head + above + "".join(f"\n\n{check.text}" for check in checks)


def _rubric(title: str, exercises: Sequence[Made]) -> str:
    total = sum(test.points for made in exercises for test in made.tests)
    lines = ['schema = "grader.rubric/1"', f"title = {_text(title)}", f"points = {_number(total)}"]
    for made in exercises:
        key = f"exercises.{made.written.name}"
        lines += ["", f"[{key}]", f"points = {_number(sum(test.points for test in made.tests))}"]
        for test in made.tests:
            *seen, deciding = test.checks
            for check in seen:  # all points are given for the whole of a test
                lines += _criterion(key, f"{check.title.rstrip('.')} (the points are for all of it)", 0, check)
            lines += _criterion(key, deciding.title, test.points, deciding)
    return "\n".join(lines) + "\n"


def _criterion(key: str, title: str, points: float, check: Check) -> list[str]:
    return [
        "",
        f"[[{key}.criteria]]",
        f"title = {_text(title)}",
        f"points = {_number(points)}",
        f'visibility = "{check.visibility}"',
        f'checks = ["{check.name}"]',
    ]


def _text(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(points: float) -> str:
    return str(int(points)) if float(points).is_integer() else repr(float(points))
