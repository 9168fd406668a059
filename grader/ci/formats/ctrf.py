"""Writes a pull request's verdict as CTRF; it has no exercise if none was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.formats.ctrf import ctrf
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest

FORMAT: Format[GradedPullRequest] = Format("ctrf", lambda graded: ctrf(graded.for_programs()))
