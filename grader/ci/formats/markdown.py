"""Writes a pull request's verdict as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.ci.pull_request import summary
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest

FORMAT: Format[GradedPullRequest] = Format("markdown", lambda graded: summary(*graded))
