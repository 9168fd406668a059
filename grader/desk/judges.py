"""Whom a question goes to at a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.desk.request import Request
    from grader.results import Verdict


def judged(asked: Request) -> Verdict:
    """Return the verdict on what is asked."""
    from pathlib import Path

    from grader.course.finding import find_course
    from grader.desk.grading import grade_cold

    return grade_cold(find_course(Path(asked.folder)), asked)
