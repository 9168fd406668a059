"""Writes the groups of a class as a page that needs no other file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.classroom.clusters.model import ClassClusters

_TEMPLATES = Path(__file__).parents[2] / "templates"


def page(found: ClassClusters) -> str:
    """Return the page as HTML; what students wrote appears as text, never as markup."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("clusters.html.jinja").render(found=found)


FORMAT = Format("html", page)
