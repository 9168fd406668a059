"""Writes a page on the class that needs no other file."""

from __future__ import annotations

from grader.classroom.class_page import class_page
from grader.report.registry import Format

FORMAT = Format("html", class_page)
