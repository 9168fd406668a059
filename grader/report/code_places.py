"""Finds the lines of code that messages of a verdict name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grader.results import CheckResult

_PLACE = re.compile(r"^ {2}(?P<path>.+), line (?P<line>\d+)(?: in `[^`\n]*`)?:$", re.MULTILINE)


def concerned(checks: Iterable[CheckResult]) -> set[tuple[str, int]]:
    """Return the lines that messages name, by file and number."""
    return {(place["path"], int(place["line"])) for check in checks for place in _PLACE.finditer(check.message)}
