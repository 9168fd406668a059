"""Writes a verdict as one page that needs nothing else: the failures with their figures, points, and the code."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from grader.distribution import requirement
from grader.report import code_places, html
from grader.report.failures import failures
from grader.report.registry import Format
from grader.report.totals import total_in_words
from grader.results import Outcome

if TYPE_CHECKING:
    from jinja2 import Template

    from grader.results import CodeFile, Verdict


def report(verdict: Verdict) -> str:
    """Return the page; every text in it is escaped, and it runs no script."""
    concerned = code_places.concerned(check for exercise in verdict.exercises for check in exercise.checks)
    names = [exercise.name for exercise in verdict.exercises]
    own = [file for file in verdict.code if _is_asked_about(file, verdict, concerned)]
    return _template().render(
        title=names[0] if len(names) == 1 else f"{len(names)} exercises",
        verdict=verdict,
        total=[line.partition("; ")[2] if not at else line for at, line in enumerate(total_in_words(verdict))],
        missing=_missing(verdict),
        concerned=concerned,
        own=own,
        others=[file for file in verdict.code if file not in own],
    )


def _is_asked_about(file: CodeFile, verdict: Verdict, concerned: set[tuple[str, int]]) -> bool:
    """Tell whether a file is the only one, is called like an exercise, or has a line that a message names."""
    called = PurePosixPath(file.path).stem in [exercise.name for exercise in verdict.exercises]
    return called or len(verdict.code) == 1 or any((file.path, line.number) in concerned for line in file.lines)


def _missing(verdict: Verdict) -> str:
    """Return a sentence on why there are no figures, "" if there can be."""
    failed = any(exercise.outcome is Outcome.FAILED for exercise in verdict.exercises)
    if not failed or importlib.util.find_spec("matplotlib") is not None:
        return ""
    return f"Figures of what failed need Matplotlib: install it with pip install {requirement('report')}."


@functools.cache
def _template() -> Template:
    pages = html.environment()
    pages.globals["failures_to_show"] = lambda checks: (failures(checks), "")  # there is room for all of them
    return pages.get_template("report.html.jinja")


FORMAT = Format("html", report)
