"""What tests of this course need of its helpers."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.plugin.course_imports import find_helpers_in


@pytest.fixture(autouse=True)
def _helpers_of_this_course() -> None:
    """Find the helpers of this course, also where a test before this one has graded with another."""
    find_helpers_in(Path(__file__).parents[2])
