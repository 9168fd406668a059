"""Writes a pull request's verdict as CTRF, or nothing if nothing was graded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.formats.ctrf import ctrf
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest

FORMAT: Format[GradedPullRequest] = Format(
    "ctrf", lambda graded: ctrf(graded.verdict) if graded.verdict is not None else None
)
