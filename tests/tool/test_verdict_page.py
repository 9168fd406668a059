"""The HTML of a verdict: what a student reads, what stays hidden, and that nothing in it is markup."""

from __future__ import annotations

import msgspec
import pytest

from grader.report.hidden import without_hidden_details
from grader.report.html import environment
from grader.results import CheckResult, Counterexample, Diagnosis, ExerciseResult, Outcome, Picture

pytestmark = pytest.mark.light

PAGE = '{% from "verdict.html.jinja" import verdict %}<style>{{ verdict_style() }}</style>{{ verdict(exercise) }}'
HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


def example(secret: str) -> Counterexample:
    return Counterexample(
        "double(2)", {"number": f"{secret}-input"}, f"{secret}-expected", f"{secret}-yours", f"{secret}-where", 1.0, 0.1,
        f"{secret}-printed", (Picture(f"{secret}-picture", b"png"),),
    )  # fmt: skip


def check(
    name: str, outcome: Outcome, message: str = "", *, hidden: bool = False, mistake: str = "", secret: str = ""
) -> CheckResult:
    return CheckResult(
        name, f"Title of {name}.", "hidden" if hidden else "public", outcome, message, 0.1,
        example(secret) if secret else None,
        (Diagnosis("variant", mistake, "Why it is one."),) if mistake else (),
    )  # fmt: skip


def exercise(*checks: CheckResult) -> ExerciseResult:
    return ExerciseResult("numbers", "double", 4.0, 10.0, Outcome.FAILED, checks, ())


def shown(result: ExerciseResult) -> str:
    return environment().from_string(PAGE).render(exercise=result)


def test_a_public_failure_is_shown_with_its_smallest_input_pictures_and_mistake() -> None:
    page = shown(
        exercise(
            check("right", Outcome.PASSED),
            check("wrong", Outcome.FAILED, "Twice `two` is four.", secret="seen", mistake="It is not doubled."),
        )
    )
    for part in (
        "Title of right.", "Title of wrong.", "Twice `two` is four.", "seen-input", "seen-expected", "seen-yours",
        "seen-printed", "data:image/png;base64,cG5n", "It is not doubled.", "Why it is one.",
    ):  # fmt: skip
        assert part in page


def test_of_a_hidden_check_only_title_outcome_and_mistake_are_shown() -> None:
    result = exercise(
        check("wrong", Outcome.FAILED, "Public reason."),
        check("secret", Outcome.FAILED, "told-message", secret="told", hidden=True),
        check("named", Outcome.FAILED, "told-too", secret="told", hidden=True, mistake="It is not doubled."),
        check("broken", Outcome.ERROR, "told-error", secret="told", hidden=True),
    )
    page = shown(without_hidden_details(result))
    assert "told" not in page
    assert "told" not in msgspec.json.encode(without_hidden_details(result)).decode()
    for part in ("Title of secret.", "Title of named.", "It is not doubled.", "Public reason.", "(hidden)"):
        assert part in page
    assert "told-message" in shown(result)  # who marks sees everything


def test_hidden_checks_that_failed_for_different_reasons_are_not_said_to_share_one() -> None:
    result = exercise(
        check("wrong", Outcome.FAILED, "Public reason."),
        check("one", Outcome.FAILED, "told-1", hidden=True),
        check("two", Outcome.FAILED, "told-2", hidden=True),
    )
    page = shown(without_hidden_details(result))
    assert "The same" not in page
    assert page.count('class="failure') == 1


def test_a_mistake_is_shown_at_a_public_check_and_not_at_a_hidden_one_that_shows_nothing() -> None:
    result = exercise(
        check("secret", Outcome.FAILED, "told", secret="told", hidden=True, mistake="It is not doubled."),
        check("wrong", Outcome.FAILED, "Public reason.", secret="seen", mistake="It is not doubled."),
    )
    page = shown(without_hidden_details(result))
    assert "Public reason." in page
    assert "seen-input" in page
    assert "The same mistake fails 1 more check." in page


def test_a_reason_that_public_checks_show_stays() -> None:
    missing = "`double` is not defined."
    result = exercise(check("one", Outcome.FAILED, missing), check("two", Outcome.FAILED, missing, hidden=True))
    assert "None of its 2 checks could pass." in shown(without_hidden_details(result))


def test_nothing_that_a_submission_said_is_markup() -> None:
    found = check("wrong", Outcome.FAILED, f"`{HOSTILE}` is not 4.", secret=HOSTILE, mistake=HOSTILE)
    page = shown(exercise(msgspec.structs.replace(found, title=HOSTILE), check("other", Outcome.FAILED, HOSTILE)))
    assert "<script" not in page
    assert "<img src=x" not in page
