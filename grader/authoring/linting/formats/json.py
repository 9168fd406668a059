"""Writes what is found in notebooks as JSON."""

from __future__ import annotations

from grader.authoring.linting.findings import to_json
from grader.report.registry import Format

FORMAT = Format("json", to_json)
