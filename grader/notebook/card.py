"""Draws a verdict as HTML for the output of a notebook's cell; every text in it is escaped."""

from __future__ import annotations

import base64
import functools
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from grader.report import failures
from grader.report.formats.terminal import MARKS

if TYPE_CHECKING:
    from jinja2 import Template

    from grader.results import Verdict


def card(verdict: Verdict) -> str:
    """Return which checks passed and which failed, with the smallest failing input and the known mistake behind it."""
    return _template().render(verdict=verdict, said="")


def sentence(said: str) -> str:
    """Return a sentence in the same layout, if there is no verdict."""
    return _template().render(verdict=None, said=said)


@functools.cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(
        only_reason=failures.only_reason,
        listed_checks=failures.listed_checks,
        failures_to_show=failures.failures_to_show,
        evidence=failures.evidence,
        diagnosis_introduction=failures.diagnosis_introduction,
        points=failures.points,
        base64=lambda data: base64.b64encode(data).decode(),
        mark=lambda outcome: MARKS[outcome][0],
    )
    return environment.from_string(files("grader.notebook").joinpath("card.html.j2").read_text(encoding="utf-8"))
