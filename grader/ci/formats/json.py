"""Writes a pull request's verdict as JSON (`schemas/result-1.schema.json`); it has no exercise if none was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.registry import Format
from grader.results import to_json

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest

FORMAT: Format[GradedPullRequest] = Format("json", lambda graded: to_json(graded.for_programs()))
