"""Writes a verdict as JSON, as `schemas/result-1.schema.json` describes it."""

from __future__ import annotations

from grader.report.registry import Format
from grader.results import to_json

FORMAT = Format("json", to_json)
