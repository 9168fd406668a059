"""Draws a verdict as HTML for the output of a notebook's cell; every text in it is escaped."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from grader.report.html import environment

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
    return environment(Path(__file__).parent).get_template("card.html.j2")
