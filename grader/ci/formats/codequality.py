"""Writes the remarks on a merge request as GitLab reads them for its changes: a report of code quality."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from grader.ci.pull_request import remarks
from grader.report.registry import Format

if TYPE_CHECKING:
    from grader.ci.github import Annotation
    from grader.ci.grading import GradedPullRequest

_SEVERITY = {"error": "major", "warning": "minor", "notice": "info"}


def codequality(graded: GradedPullRequest) -> str:
    """Return a JSON array of the remarks that are about a file; GitLab shows them beside its lines."""
    issues = [_issue(each) for each in remarks(*graded) if each.path]
    return json.dumps(list({issue["fingerprint"]: issue for issue in issues}.values()), indent=2)


def _issue(remark: Annotation) -> dict[str, object]:
    text = f"{remark.title}\0{remark.path}\0{remark.line}\0{remark.message}"
    return {
        "description": f"{remark.title}\n\n{remark.message}",
        "check_name": remark.title,
        "fingerprint": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        "severity": _SEVERITY[remark.level],
        "location": {"path": remark.path, "lines": {"begin": max(1, remark.line)}},
    }


FORMAT = Format("codequality", codequality)
