"""Draws verdicts as HTML: the Jinja environment of every page that shows one, in which all text is escaped."""

from __future__ import annotations

import base64
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader.report import by_hand, failures, totals
from grader.report.formats.plain import WORDS
from grader.report.formats.terminal import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grader.results import Call

_TEMPLATES = Path(str(files("grader.report"))) / "templates"


def environment(*folders: Path) -> Environment:
    """Return an environment with the templates of some folders, which may import `verdict.html.jinja`."""
    found = Environment(
        loader=FileSystemLoader([*folders, _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(
        only_reason=failures.only_reason,
        listed_checks=failures.listed_checks,
        failures_to_show=failures.failures_to_show,
        evidence=failures.evidence,
        findings=failures.findings,
        none_passed=failures.none_passed,
        unwritten=failures.unwritten,
        diagnosis_introduction=failures.diagnosis_introduction,
        points=failures.points,
        in_points=totals.in_points,
        in_checks=totals.in_checks,
        total_in_points=totals.total_in_points,
        decided_later=totals.decided_later,
        marked_by_hand=by_hand.marked_by_hand,
        worth=by_hand.worth,
        answers_found=by_hand.answers_found,
        base64=lambda data: base64.b64encode(data).decode(),
        mark=lambda outcome: MARKS[outcome][0],
        word=lambda outcome: WORDS[outcome],
        verdict_style=verdict_style,
        page_style=page_style,
        theme_style=theme_style,
    )
    found.filters["groupby_function"] = _by_function
    return found


def _by_function(calls: Sequence[Call]) -> list[list[Call]]:
    """Return the calls of one function together that have the same arguments by name."""
    groups: dict[tuple[str, ...], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.function, *call.arguments), []).append(call)
    return list(groups.values())


def theme_style() -> Markup:
    """Return the CSS by which a verdict in a notebook takes the colours of the theme, and not those of the system."""
    return Markup((_TEMPLATES / "theme.css").read_text(encoding="utf-8"))


def page_style() -> Markup:
    """Return the CSS that pages share: colours for light and dark, tables, listings of code."""
    return Markup((_TEMPLATES / "page.css").read_text(encoding="utf-8"))


def verdict_style() -> Markup:
    """Return the CSS of what `verdict.html.jinja` draws."""
    return Markup((_TEMPLATES / "verdict.css").read_text(encoding="utf-8"))
