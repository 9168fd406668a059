"""Writes a pull request's verdict as JUnit XML; it has no exercise if none was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.report.formats.junit import junit
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest

FORMAT: Format[GradedPullRequest] = Format("junit", lambda graded: junit(graded.for_programs()))
