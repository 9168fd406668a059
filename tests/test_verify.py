"""`grade verify` finds what is wrong with an exercise, and nothing in one that is right."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from grader.authoring.table import table
from grader.authoring.verify import Report, verify
from grader.course import find_course
from grader.grading import Grader
from grader.report.terminal import console
from helpers.course_factory import make_course

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from grader.sandbox.client import ForkServer

STUB = "exercises/numbers/double.py"
PUBLIC = "exercises/numbers/checks/test_double.py"
ANSWERS = "reference/numbers/double"
WRONG = f"{ANSWERS}/wrong/unchanged.py"
ACCEPTED = f"{ANSWERS}/accepted/sum.py"

CLOSE = '''
import torch
from grader.checks import assert_close

def test_double_of_two(submission):
    """Twice two is four."""
    actual = torch.tensor(float(submission.double(2)))
    assert_close(actual, torch.tensor(4.0), "Twice two is four.", tolerance=0.1)
'''


@pytest.fixture
def verified(tmp_path: Path, server: ForkServer) -> Callable[..., Report]:
    def run(changes: dict[str, str | None] | None = None) -> Report:
        course = find_course(make_course(tmp_path / "course", changes=changes))
        return verify(Grader(course, server), course.exercises[0], lambda *_: None)

    return run


def test_a_right_exercise_has_no_findings(verified: Callable[..., Report]) -> None:
    report = verified()
    assert report.findings == []
    assert (report.wrong_caught, report.wrong_diagnosed, report.accepted_passed) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({STUB: "def double(number: int) -> int: return 4"}, "The stub passes test_double_of_two"),
        ({f"{ANSWERS}/solution.py": "def double(number): return 5"}, "The reference solution fails test_double_of_two"),
        ({f"{ANSWERS}/solution.py": None}, "reference/numbers/double/solution.py is missing: write it."),
        ({ACCEPTED: "def double(number): return float(2 * number)"}, "accepted/sum fails test_double_of_two: the check asks for more"),
        ({WRONG: '"""Right."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 2 * n'}, "wrong/unchanged passes test_double_of_two, its CAUGHT_BY"),
        (
            {WRONG: '"""Half right."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 2 * abs(n)'},
            "wrong/unchanged passes test_double_of_two, its CAUGHT_BY (it fails test_double_of_minus_three)",
        ),
        ({WRONG: '"""Unnamed."""\ndef double(n): return n'}, "wrong/unchanged: CAUGHT_BY is missing"),
        ({WRONG: '"""Misnamed."""\nCAUGHT_BY = "test_nothing"\ndef double(n): return n'}, "CAUGHT_BY is test_nothing"),
        ({WRONG: '"""Half right."""\nCAUGHT_BY = "test_double_of_minus_three"\ndef double(n): return 2 * abs(n)'}, "test_double_of_two catches no wrong variant"),
        (
            {f"{ANSWERS}/wrong/copy.py": '"""Another."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return n + 0'},
            "wrong/copy is diagnosed as copy, unchanged",
        ),
        (
            {PUBLIC: 'def test_double_of_two(submission):\n    """Two."""\n    submission.double(2) + "x"\n'},
            "solution broke test_double_of_two: The grader could not decide this check: TypeError",
        ),
        (
            {PUBLIC: CLOSE, STUB: "def double(number): raise NotImplementedError", WRONG: '"""Nearly."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 1.7 * n',
             ACCEPTED: "def double(n): return 1.9 * n"},
            "a wrong variant comes within 0.15 and a correct one strays to 0.05",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_a_planted_fault_is_found(
    verified: Callable[..., Report], changes: dict[str, str | None], finding: str
) -> None:
    findings = verified(changes).findings
    assert any(finding in found for found in findings), findings


def test_the_distances_of_right_and_wrong_variants_are_measured(verified: Callable[..., Report]) -> None:
    nearly = '"""Nearly."""\nCAUGHT_BY = "test_double_of_two"\ndef double(n): return 1.5 * n'
    stub = "def double(number): raise NotImplementedError"
    (tolerance,) = verified(
        {PUBLIC: CLOSE, STUB: stub, ACCEPTED: "def double(n): return 1.999 * n", f"{ANSWERS}/wrong/nearly.py": nearly}
    ).tolerances
    assert (tolerance.check, tolerance.accepted.tolerance) == ("test_double_of_two", 0.1)
    assert tolerance.accepted.distance == pytest.approx(0.0005, rel=1e-3)
    assert tolerance.wrong is not None
    assert tolerance.wrong.distance == pytest.approx(0.25)
    assert tolerance.margin == pytest.approx(500, rel=1e-3)


def test_the_table_counts_and_lists_every_finding(verified: Callable[..., Report]) -> None:
    drawn = io.StringIO()
    console(drawn).print(table([verified({WRONG: '"""Unnamed."""\ndef double(n): return n'})]))
    text = " ".join(drawn.getvalue().split())
    assert "double 2 1 0 0 1 1 1" in text
    assert "✗ double: wrong/unchanged: CAUGHT_BY is missing" in text
    assert "Every check can fail" not in text


def test_the_table_says_when_there_is_nothing_to_find(verified: Callable[..., Report]) -> None:
    drawn = io.StringIO()
    console(drawn).print(table([verified()]))
    assert "✓ Every check can fail, none is unfair, every mistake is named." in drawn.getvalue()
