"""Writes the groups of a class as a page that needs no other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.classroom.class_page import page_environment
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.classroom.clusters.model import ClassClusters


def page(found: ClassClusters) -> str:
    """Return the page as HTML; what students wrote appears as text, never as markup."""
    return page_environment().get_template("clusters.html.jinja").render(found=found)


FORMAT = Format("html", page)
