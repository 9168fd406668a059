"""Writes what the exercise checker found as JSON."""

from __future__ import annotations

from grader.authoring.findings import to_json
from grader.report.registry import Format

FORMAT = Format("json", to_json)
