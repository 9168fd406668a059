"""Whole verdicts of whole submissions, as students hand them in."""

from __future__ import annotations

import io
import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader.course.finding import find_course
from grader.grading import Grader
from grader.report.console import console
from grader.report.formats import terminal
from grader.submission.reading import read_submission

if TYPE_CHECKING:
    from grader.results import ExerciseResult, Verdict
    from grader.sandbox.outside.server import ForkServer

PROJECT = Path(__file__).parents[2]
SAMPLES = sorted((PROJECT / "tests" / "submissions" / "honest").iterdir())
NEVER_SAID = ("Traceback", "GraderError", "site-packages", "/grader/", "/tmp/", "\x1b", "\u202e", "broken")

Graded = tuple["Verdict", dict[str, Any]]


# Without confinement nothing limits its memory, which would be the machine's.
MARKS = {"memory_bomb": pytest.mark.confined}
EACH_SAMPLE = [pytest.param(sample, id=sample.name, marks=MARKS.get(sample.name, ())) for sample in SAMPLES]


@pytest.fixture(scope="module", params=EACH_SAMPLE)
def graded(request: pytest.FixtureRequest, server: ForkServer) -> Graded:
    """Return the verdict on a sample, which all tests of the sample look at, and what was expected of it."""
    course, sample = find_course(PROJECT), request.param
    expected = tomllib.loads((sample / "expected.toml").read_text(encoding="utf-8"))
    folder = sample / "work"
    submission = read_submission(folder if folder.is_dir() else sample / "submission.py")
    grader = Grader(course, server, call_seconds=expected.get("call_seconds"), diagnosis_seconds=math.inf)
    return grader.grade(submission, course.select(expected["exercises"])), expected


def summary(exercise: ExerciseResult) -> dict[str, Any]:
    """Return what of an exercise's result is the same on every machine, as expected.toml writes it."""
    found: dict[str, Any] = {
        "outcome": str(exercise.outcome),
        "points": exercise.points,
        "checks": {check.name: str(check.outcome) for check in exercise.checks},
    }
    diagnosed = {check.name: [d.variant for d in check.diagnosis] for check in exercise.checks if check.diagnosis}
    return found | ({"diagnosed": diagnosed} if diagnosed else {})


def report(verdict: Verdict) -> str:
    """Return the terminal report with its lines joined, so that sentences are found wherever they were broken."""
    drawn = io.StringIO()
    console(drawn).print(terminal.everything(verdict))
    return " ".join(drawn.getvalue().split())


def test_a_sample_gets_exactly_the_marks_it_deserves(graded: Graded) -> None:
    verdict, expected = graded
    assert {each.name: summary(each) for each in verdict.exercises} == {
        name: expected[name] for name in expected["exercises"]
    }
    assert (str(verdict.outcome), verdict.points) == (expected["outcome"], expected["points"])


def test_a_samples_report_says_what_it_must(graded: Graded) -> None:
    verdict, expected = graded
    said = report(verdict)
    assert [sentence for sentence in expected["says"] if sentence not in said] == []


def test_a_samples_report_says_nothing_it_must_not(graded: Graded) -> None:
    verdict, expected = graded
    said = report(verdict)
    assert [text for text in (*NEVER_SAID, *expected["never_says"]) if text in said] == []
