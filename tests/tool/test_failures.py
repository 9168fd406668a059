"""What went wrong is told in the order in which it helps: a crash, a known mistake, then the most specific check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from grader.diagnosis import recorded
from grader.report.failures import failures, how_to_see_it_again, none_passed
from grader.results import CheckResult, Diagnosis, ExerciseResult, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

MISTAKE = Diagnosis("unchanged", "The number is returned as it is.", "")


def failed(name: str, **others: Any) -> CheckResult:
    settings: dict[str, Any] = {"diagnosis": (), **others}
    return CheckResult(name, name, "public", Outcome.FAILED, f"{name} is not so.", 0.0, None, **settings)


def test_what_helps_most_comes_first() -> None:
    found = failures(
        [
            failed("is the pipeline's", breadth=0.9),
            failed("unknown"),
            failed("uses the mask", breadth=0.1),
            failed("named", diagnosis=(MISTAKE,), breadth=0.5),
            failed("crashes", crashed=True, breadth=0.8),
        ]
    )
    assert [failure.check.name for failure in found] == [
        "crashes", "named", "uses the mask", "is the pipeline's", "unknown",
    ]  # fmt: skip


def test_of_crashes_the_first_in_the_list_is_read_first() -> None:
    found = failures([failed("worked example", crashed=True, breadth=0.9), failed("dtype", crashed=True, breadth=0.1)])
    assert [failure.check.name for failure in found] == ["worked example", "dtype"]


def test_what_is_pending_has_no_part_in_what_could_not_pass() -> None:
    ran = (failed("one"), failed("two"))
    pending = CheckResult("later", "later", "hidden", Outcome.SKIPPED, "", 0.0, None, ())
    assert none_passed(ExerciseResult("a", "b", 0, 1, Outcome.FAILED, (*ran, pending), ())).startswith("None of its 2")


@pytest.mark.parametrize(
    ("source", "crashed"),
    [
        ("def double(n): raise ValueError('no')", True),
        ("def double(n): return n.missing", True),
        ("def double(n):\n    while True: pass", True),
        ("def double(n): return 0", False),
        ("def double(n): return {n}", False),
    ],
    ids=["raises", "attribute", "endless", "wrong", "cannot be sent"],
)
def test_a_verdict_says_what_crashed(graded: Callable, source: str, crashed: bool) -> None:
    assert [check.crashed for check in graded(source, call_seconds=1).checks] == [crashed, crashed]


def test_breadth_is_the_share_of_known_mistakes_that_fail_a_check(graded: Callable) -> None:
    fails = {"unchanged": ["test_double_of_two", "test_double_of_minus_three"], "other": ["test_double_of_two"]}
    known = recorded.to_json(recorded.KnownMistakes(recorded.SCHEMA, [], [], fails))
    changes = {"reference/numbers/double/mistakes.json": known}
    assert [check.breadth for check in graded("def double(n): return 0", changes).checks] == [1.0, 0.5]
    assert [check.breadth for check in graded("def double(n): return 2 * n", changes).checks] == [None, None]
    assert [check.breadth for check in graded("def double(n): return 0").checks] == [None, None]


@pytest.mark.parametrize(
    ("seed", "visibility", "again"),
    [
        (7, "public", "To see this on your own computer: `grade double --seed 7`"),
        (None, "public", ""),
        (7, "hidden", ""),
    ],
)
def test_a_public_failure_can_be_seen_again(seed: int | None, visibility: Any, again: str) -> None:
    check = CheckResult("test_x", "X.", visibility, Outcome.FAILED, "No.", 0.0, None, ())
    result = ExerciseResult("numbers", "double", 0, 10, Outcome.FAILED, (check,), (), seed)
    assert how_to_see_it_again(result) == again
    assert how_to_see_it_again(structs.replace(result, name="questions")) == ""
