"""Writes a pull request's verdict as workflow commands of GitHub Actions, and the step's summary and outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.ci import github
from grader.ci.pull_request import outputs, remarks, summary
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.ci.grading import GradedPullRequest


def annotated(graded: GradedPullRequest) -> str:
    """Return the workflow commands; append summary and outputs to the files that GitHub names for them."""
    request, verdict = graded
    github.append_summary(summary(request, verdict))
    github.append_outputs(outputs(verdict))
    return github.commands(remarks(request, verdict))


FORMAT = Format("github", annotated)
